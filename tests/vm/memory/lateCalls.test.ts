import { describe, expect, test } from '@jest/globals';
import { withMemory, withMetadata } from '../../../src/domain-xml/edit.ts';
import { MiB, toKiB } from '../../../src/common/units.ts';
import {
  type CallOptions,
  HypervisorError,
  type MetadataElement,
} from '../../../src/host/hypervisor.ts';
import { openGuest } from '../../support/memoryGuest.ts';
import { onHost } from '../../support/onHost.ts';

const MIB = 1024;

/** Longer than vmemd waits for a reply. */
const GIVEN_UP_S = 61;
/** Until vmemd has looked for what was done late. */
const LOOKED_S = 75;

type Work = (...args: unknown[]) => Promise<void>;

/** Ends only when the caller gives it up. */
const unanswered = ({ signal }: CallOptions): Promise<void> =>
  new Promise((_, reject) => {
    signal?.addEventListener('abort', () => {
      reject(new HypervisorError('timed-out', 'no answer in time'));
    });
  });

type Call = 'setMetadata' | 'setNextRunXml' | 'setBalloon' | 'setStatsPeriod';

/** A VM of 1 GiB, and a way to have the host perform a call of vmemd later than vmemd waits for it. */
async function opened() {
  const guest = await openGuest();
  const { world, vmID, ask } = guest;
  const late: (() => Promise<void>)[] = [];
  /** Lets the next such call wait until {@link perform}. */
  const delay = (name: Call, isMeant: (what: unknown) => boolean = () => true): void => {
    const work = world.host[name].bind(world.host) as Work;
    let isOver = false;
    const delayed: Work = (...args) => {
      if (isOver || !isMeant(args[1])) return work(...args);
      isOver = true;
      late.push(() => work(...args.slice(0, -1)));
      return unanswered(args.at(-1) as CallOptions);
    };
    world.faults[name] = delayed;
  };
  /** Sends a request that vmemd gives up, and lets that come to rest. */
  const giveUp = async (verb: string, params: object): Promise<void> => {
    await world.during(
      GIVEN_UP_S,
      ask(verb, params).catch(() => undefined),
    );
    await world.sampledFor(10);
  };
  const perform = async (): Promise<void> => {
    for (const call of late.splice(0)) await call();
  };
  const looked = (): Promise<void> => world.sampledFor(LOOKED_S);
  /** Changes the configuration of the next run, as another program would. */
  const edit = async (change: (xml: string) => string): Promise<void> => {
    await world.host.setNextRunXml(vmID, change((await world.host.nextRunXml(vmID)) ?? ''));
  };
  const { now, nextRun, balloonTarget } = onHost(world, vmID);
  return { ...guest, delay, giveUp, perform, looked, edit, now, nextRun, balloonTarget };
}

const isNextRun = (element: unknown): boolean => (element as MetadataElement).where === 'next-run';

describe('what was accepted holds, although the host performs an earlier call late:', () => {
  test('the guarantee of the next run', async () => {
    const { ask, delay, giveUp, perform, looked, now, nextRun } = await opened();
    delay('setMetadata', isNextRun);
    await giveUp('setGuaranteedMemory', { guaranteed: 700 });
    await ask('setGuaranteedMemory', { guaranteed: 800 });
    await perform();
    await looked();
    expect(await nextRun()).toMatchObject({ guaranteed: 800 });
    expect(await now()).toMatchObject({ guaranteed: 800 });
  });

  test('the guarantee of the next run, if a later request writes something else meanwhile', async () => {
    const { world, ask, delay, giveUp, perform, looked, nextRun } = await opened();
    delay('setMetadata', isNextRun);
    await giveUp('setGuaranteedMemory', { guaranteed: 700 });
    await ask('setGuaranteedMemory', { guaranteed: 800 });
    world.faults.nextRunXml = async (...args) => {
      delete world.faults.nextRunXml;
      await perform();
      return world.host.nextRunXml(...args);
    };
    await ask('setMemoryStatsPeriod', { period: 3 });
    await looked();
    expect(await nextRun()).toMatchObject({ guaranteed: 800, chosenPeriod: 3 });
  });

  test('the statistics period of the next run', async () => {
    const { ask, delay, giveUp, perform, looked, nextRun } = await opened();
    delay('setMetadata', isNextRun);
    await giveUp('setMemoryStatsPeriod', { period: 3 });
    await ask('setMemoryStatsPeriod', { period: 5 });
    await perform();
    await looked();
    expect(await nextRun()).toMatchObject({ chosenPeriod: 5 });
  });

  test('the statistics period', async () => {
    const { ask, delay, giveUp, perform, looked, now } = await opened();
    delay('setStatsPeriod');
    await giveUp('setMemoryStatsPeriod', { period: 3 });
    await ask('setMemoryStatsPeriod', { period: 5 });
    await perform();
    await looked();
    expect(await now()).toMatchObject({ statsPeriod: 5 });
  });

  test('the size of the next run', async () => {
    const { ask, delay, giveUp, perform, looked, nextRun } = await opened();
    delay('setNextRunXml');
    await giveUp('setNextRun', { memory: 1536, guaranteed: 900 });
    await ask('setNextRun', { memory: 1280, guaranteed: 600 });
    await perform();
    await looked();
    expect(await nextRun()).toMatchObject({ provided: 1280 * MIB, guaranteed: 600 });
  });

  test('the size of the next run that a resize has set', async () => {
    const { world, set, delay, giveUp, perform, looked, nextRun } = await opened();
    delay('setNextRunXml');
    await giveUp('setMemory', { memory: 1280 });
    await world.during(10, set({ memory: 1536 }));
    await perform();
    await looked();
    expect(await nextRun()).toMatchObject({ provided: 1536 * MIB });
  });

  test('the balloon target', async () => {
    const { world, ask, delay, giveUp, perform, looked, balloonTarget } = await opened();
    delay('setBalloon');
    await giveUp('setBalloonTarget', { target: 700 * MIB });
    await ask('setBalloonTarget', { target: 900 * MIB });
    // Once it has reached its target, what moves it is not vmemd.
    await world.sampledFor(30);
    await perform();
    await looked();
    expect(balloonTarget()).toBe(900 * MIB);
    expect(await ask('getBalloonInfo')).toMatchObject({ balloon_target: String(900 * MIB) });
  });

  test('the balloon target of a paused guest', async () => {
    const { ask, delay, giveUp, perform, looked, balloonTarget } = await opened();
    delay('setBalloon');
    await giveUp('setBalloonTarget', { target: 700 * MIB });
    await ask('setBalloonTarget', { target: 900 * MIB });
    await ask('pause');
    await perform();
    await looked();
    expect(balloonTarget()).toBe(900 * MIB);
  });
});

test('what another program sets of the next run is kept while a call may still be performed', async () => {
  const { world, ask, delay, giveUp, edit, nextRun } = await opened();
  delay('setMetadata', isNextRun);
  await giveUp('setGuaranteedMemory', { guaranteed: 700 });
  await ask('setGuaranteedMemory', { guaranteed: 800 });
  await edit((xml) => withMemory(xml, toKiB(MiB(2048))));
  await edit((xml) => withMetadata(xml, { memGuaranteedSize: MiB(640) }));
  await world.sampledFor(LOOKED_S);
  expect(await nextRun()).toMatchObject({ provided: 2048 * MIB, guaranteed: 640 });
});

test('the next run is read again for some time after a call that got no reply, then no more', async () => {
  const { world, ask, delay, giveUp } = await opened();
  delay('setMetadata', isNextRun);
  await giveUp('setGuaranteedMemory', { guaranteed: 700 });
  await ask('setGuaranteedMemory', { guaranteed: 800 });
  const reads = async (): Promise<number> => {
    world.calls.length = 0;
    await world.sampledFor(300);
    return world.calls.filter((name) => name === 'nextRunXml').length;
  };
  expect(await reads()).toBeGreaterThan(2);
  await world.sampledFor(300);
  expect(await reads()).toBe(0);
});
