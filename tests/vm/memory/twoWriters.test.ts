import { describe, expect, test } from '@jest/globals';
import { VdsmError } from '../../../src/common/errors.ts';
import { Milliseconds } from '../../../src/common/units.ts';
import { OVIRT_VM } from '../../../src/domain-xml/metadata.ts';
import { HypervisorError } from '../../../src/host/hypervisor.ts';
import { onHost, ovirtElement } from '../../support/onHost.ts';
import { type JobOnWire, openGuest } from '../../support/memoryGuest.ts';
import { held, never } from '../../support/faults.ts';
import { idOf, type World } from '../../support/world.ts';
import type { Told } from '../../support/worldOptions.ts';

const MIB = 1024;

/** A VM with two devices, its vmemd, and another vmemd on the same host. */
async function twoDaemons() {
  // Operations of this guest stay open for a minute.
  const guest = await openGuest({ words: 'ignores-unplug,no-online', devices: [256, 128] });
  const { world, vmID } = guest;
  const other = await world.another();
  /** Whether the other vmemd accepts the request; it may refuse all writes if it does not own the host. */
  const accepts = (verb: string, params: object): Promise<boolean> =>
    other.call(`VM.${verb}`, { vmID, ...params }).then(
      () => true,
      (error: unknown) => {
        if (error instanceof VdsmError) return false;
        throw error;
      },
    );
  return { ...guest, other, accepts, host: onHost(world, vmID) };
}

type Daemons = Awaited<ReturnType<typeof twoDaemons>>;

/** Longer than a request takes, and shorter than its operation. */
const SOON = 8;

/** What the world's vmemd knows after a restart. */
async function afterRestart({ world, vmID, guaranteed }: Daemons) {
  await world.restart();
  await world.seconds(1);
  return {
    guaranteed: await guaranteed(),
    target: Number((await world.balloon(vmID))['balloon_target']) / MIB,
  };
}

/** The id of the operation that was published last of those that requests of that flow began. */
const lastOf = (told: readonly Told[], flow: string): string | undefined =>
  told
    .flatMap(({ params }) => (params[idOf(1)]?.['job'] ?? []) as JobOnWire | [])
    .filter(({ flow_id }) => flow_id === flow)
    .at(-1)?.job_id;

const OPERATIONS = [
  ['hotunplugMemory', { params: { vmId: idOf(1), memory: { alias: 'dimm0' } } }],
  ['hotplugMemory', { params: { vmId: idOf(1), memory: { size: 128, node: 0 } } }],
  ['setMemory', { memory: 1536 }],
] as const;

const WRITES = [
  ['setGuaranteedMemory', { guaranteed: 600 }],
  ['setBalloonTarget', { target: 1100 * MIB }],
  ['setMemoryStatsPeriod', { period: 3 }],
  ['hotplugMemory', { params: { vmId: idOf(1), memory: { size: 256, node: 0 } } }],
  ['hotunplugMemory', { params: { vmId: idOf(1), memory: { alias: 'dimm1' } } }],
] as const;

const PAIRS = OPERATIONS.flatMap(([verb, params]) =>
  WRITES.map(([other, otherParams]) => ({ verb, params, other, otherParams })),
);

describe.each(PAIRS)('$verb here and $other by another vmemd', (pair) => {
  const { verb, params, other, otherParams } = pair;
  const begin = async ({ ask, world }: Daemons) => {
    ask(verb, params).catch(() => undefined);
    await world.seconds(SOON);
    const id = lastOf(world.told, 'flow');
    expect(id).toBeDefined();
    return id;
  };
  const isKnown = ({ job }: Daemons, jobID: string | undefined): Promise<boolean> =>
    job({ jobID }).then(
      ({ job_id }) => job_id === jobID,
      () => false,
    );

  test('the other keeps the operation of this one', async () => {
    const daemons = await twoDaemons();
    const id = await begin(daemons);
    const accepted = daemons.accepts(other, otherParams);
    await daemons.world.seconds(SOON);
    await accepted;
    expect(await isKnown(daemons, id)).toBe(true);
    await afterRestart(daemons);
    expect(await isKnown(daemons, id)).toBe(true);
  });

  test('this one keeps the operation of the other', async () => {
    const daemons = await twoDaemons();
    const { world, ask } = daemons;
    const accepted = daemons.accepts(verb, params);
    await world.seconds(SOON);
    if (!(await accepted)) return;
    const id = lastOf(daemons.other.told, 'other');
    ask(other, otherParams).catch(() => undefined);
    await world.seconds(SOON);
    daemons.other.kill();
    await afterRestart(daemons);
    expect(await isKnown(daemons, id)).toBe(true);
  });

  test('at the same time, both operations are kept', async () => {
    const daemons = await twoDaemons();
    const accepted = daemons.accepts(other, otherParams);
    const mine = await begin(daemons);
    const theirs = (await accepted) ? lastOf(daemons.other.told, 'other') : undefined;
    daemons.other.kill();
    await afterRestart(daemons);
    expect(await isKnown(daemons, mine)).toBe(true);
    if (theirs !== undefined) expect(await isKnown(daemons, theirs)).toBe(true);
  });
});

describe('what another vmemd writes', () => {
  test.each(WRITES)('with %s keeps the values set by this one', async (verb, params) => {
    const daemons = await twoDaemons();
    const { ask, world, accepts, host } = daemons;
    await ask('setGuaranteedMemory', { guaranteed: 640 });
    await ask('setBalloonTarget', { target: 1000 * MIB });
    await ask('setMemoryStatsPeriod', { period: 7 });
    const accepted = accepts(verb, params);
    await world.seconds(SOON);
    if (!(await accepted) || verb.startsWith('hot')) {
      expect(await daemons.guaranteed()).toBe(640);
      expect((await host.nextRun()).guaranteed).toBe(640);
    }
    const told = Number((await world.balloon(daemons.vmID))['balloon_target']);
    expect(told).toBe(host.balloonTarget());
    const [now, next] = [await host.now(), await host.nextRun()];
    expect([now.guaranteed, now.chosenPeriod]).toEqual([next.guaranteed, next.chosenPeriod]);
    const after = await afterRestart(daemons);
    expect(after).toEqual({ guaranteed: now.guaranteed, target: told / MIB });
  });

  test('is what both of them report from then on', async () => {
    const daemons = await twoDaemons();
    const { ask, other, world, vmID, host } = daemons;
    await ask('setGuaranteedMemory', { guaranteed: 640 });
    await ask('setBalloonTarget', { target: 1000 * MIB });
    await world.seconds(1);
    const told = [await world.balloon(vmID), await other.call('VM.getBalloonInfo', { vmID })];
    const target = String(host.balloonTarget());
    expect(told).toMatchObject([
      { balloon_min: '655360', balloon_target: target },
      { balloon_min: '655360', balloon_target: target },
    ]);
  });
});

describe('a program that writes back an older copy of the metadata', () => {
  /** Copies the metadata, runs a request, and writes the copy back. */
  async function rewritten(work: (daemons: Daemons) => Promise<unknown>) {
    const daemons = await twoDaemons();
    daemons.other.kill();
    const { world, vmID } = daemons;
    await daemons.ask('setGuaranteedMemory', { guaranteed: 560 });
    const copy = ovirtElement(await world.host.domainXml(vmID));
    await work(daemons);
    await world.host.setMetadata(vmID, { ...OVIRT_VM, xml: copy, where: 'live' });
    await world.seconds(10);
    return daemons;
  }

  test('does not erase an operation', async () => {
    let id = '';
    const daemons = await rewritten(async ({ unplug, job, world }) => {
      unplug().catch(() => undefined);
      await world.seconds(1);
      id = (await job()).job_id;
    });
    expect(await daemons.job({ jobID: id })).toMatchObject({ changes: [{ alias: 'dimm0' }] });
    await afterRestart(daemons);
    expect(await daemons.job({ jobID: id })).toMatchObject({ changes: [{ alias: 'dimm0' }] });
  });

  test('does not erase a target', async () => {
    const daemons = await rewritten(({ ask }) => ask('setBalloonTarget', { target: 1000 * MIB }));
    const { world, vmID } = daemons;
    expect(await world.balloon(vmID)).toMatchObject({ balloon_target: String(1000 * MIB) });
    expect(await afterRestart(daemons)).toMatchObject({ target: 1000 });
  });

  test('does not erase a statistics period', async () => {
    const daemons = await rewritten(({ ask }) => ask('setMemoryStatsPeriod', { period: 3 }));
    expect((await daemons.host.now()).chosenPeriod).toBe(3);
  });

  test('does not erase a guarantee', async () => {
    const daemons = await rewritten(({ ask }) => ask('setGuaranteedMemory', { guaranteed: 640 }));
    expect(await daemons.guaranteed()).toBe(640);
    expect(await afterRestart(daemons)).toMatchObject({ guaranteed: 640 });
  });

  test('does not erase the guarantee of an unplug', async () => {
    const daemons = await rewritten(({ plug }) => plug(128, { memGuaranteedSize: 1200 }));
    expect(await daemons.guaranteed()).toBe(1200);
    expect(await afterRestart(daemons)).toMatchObject({ guaranteed: 1200 });
  });
});

/** Counts the writes of metadata; those beyond `limit` are never replied to, so that an endless series ends. */
function countWrites(world: World, limit = 60): () => number {
  let writes = 0;
  world.faults.setMetadata = (...args) => {
    writes += 1;
    return writes > limit ? never() : world.host.setMetadata(...args);
  };
  return () => writes;
}

test('two daemons whose clocks differ stop writing once both have recorded an operation', async () => {
  const { world, vmID, job, unplug } = await openGuest({ devices: [256] });
  const other = await world.another(Milliseconds(3));
  const writes = countWrites(world);
  await world.during(20, unplug());
  expect(writes()).toBeLessThan(6);
  expect(await other.call('VM.getMemoryJob', { vmID })).toEqual(await job());
});

test('an older target does not come back if metadata are lost after another daemon set a newer one', async () => {
  const { world, vmID, ask } = await openGuest();
  const other = await world.another();
  await ask('setBalloonTarget', { target: 700 * MIB });
  await world.seconds(5);
  await other.call('VM.setBalloonTarget', { vmID, target: 900 * MIB });
  await world.seconds(5);
  const xml = '<vm><memGuaranteedSize>512</memGuaranteedSize></vm>';
  const writes = countWrites(world);
  await world.host.setMetadata(vmID, { ...OVIRT_VM, xml, where: 'live' });
  await world.sampledFor(30);
  expect(writes()).toBeLessThan(6);
  expect(onHost(world, vmID).balloonTarget()).toBe(900 * MIB);
  const told = [await world.balloon(vmID), await other.call('VM.getBalloonInfo', { vmID })];
  const expected = { balloon_target: String(900 * MIB) };
  expect(told).toMatchObject([expected, expected]);
});

test('an unplug whose daemon has died blocks VM.setMemory no longer than its time', async () => {
  const { world, vmID, set, job } = await openGuest({ words: 'ignores-unplug', devices: [256] });
  const other = await world.another();
  const params = { vmId: vmID, memory: { alias: 'dimm0' } };
  other.call('VM.hotunplugMemory', { vmID, params }).catch(() => undefined);
  await world.seconds(3);
  other.kill();
  await expect(set({ memory: 1536 })).rejects.toMatchObject({ code: 70 });
  await world.sampledFor(300);
  expect(await job()).toMatchObject({ state: 'failed', changes: [{ state: 'timed-out' }] });
  await expect(world.during(120, set({ memory: 1536 }))).resolves.toBeDefined();
});

test('an unplug that was reported to have failed is not sent later, though another daemon has read its record', async () => {
  const { world, vmID, unplug, set, job } = await openGuest({
    words: 'ignores-unplug',
    devices: [256],
  });
  const other = await world.another();
  const reply = held<undefined>();
  world.faults.setMetadata = async (...args) => {
    delete world.faults.setMetadata;
    await world.host.setMetadata(...args);
    return reply.answer;
  };
  const failed = expect(unplug()).rejects.toMatchObject({ code: 85 });
  await world.seconds(5);
  reply.fail(new HypervisorError('unreachable', 'the reply is lost'));
  await failed;
  await world.seconds(5);
  const newest = [await job(), await other.call('VM.getMemoryJob', { vmID })];
  expect(newest).toMatchObject([{ action: 'plug' }, { action: 'plug' }]);
  await world.sampledFor(300);
  await expect(world.during(100, set({ memory: 1536 }))).resolves.toBeDefined();
  await world.restart();
  await world.sampledFor(60);
  expect(world.calls).not.toContain('detachDevice');
});
