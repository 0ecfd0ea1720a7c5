import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { HypervisorError } from '../../src/host/hypervisor.ts';
import { KiB } from '../../src/common/units.ts';
import { targetSlip } from '../../src/memory/unitSlip.ts';
import { held } from '../support/faults.ts';
import { refusesBadIds } from '../support/vmVerb.ts';
import { idOf, parameters, World } from '../support/world.ts';
import { assertProperty } from '../support/property.ts';

refusesBadIds('VM.setBalloonTarget', { target: 786_432 });

const set = (world: World, vmID: string, target: unknown) =>
  world.call('VM.setBalloonTarget', { vmID, target });

test("shrinks the guest, with VDSM's result", async () => {
  const world = await World.open();
  const vmID = await world.boot();
  await expect(set(world, vmID, 786_432)).resolves.toEqual({
    code: 0,
    message: 'Done',
    applied: true,
    target: 786_432,
  });
  await world.seconds(10);
  await expect(world.balloon(vmID)).resolves.toMatchObject({
    balloon_cur: '786432',
    balloon_target: '786432',
  });
});

test('accepts the target as text, as vdsm-client sends it', async () => {
  const world = await World.open();
  const vmID = await world.boot();
  await expect(set(world, vmID, '786432')).resolves.toMatchObject({ target: 786_432 });
});

test.each([
  ['below the guarantee stops at the guarantee', 20_480, 524_288, 'guaranteed'],
  ['of 0 stops at the guarantee', 0, 524_288, 'guaranteed'],
  ['above the memory stops at the memory', 2_097_152, 1_048_576, '1048576 KiB at most'],
])('a target %s, with the reason', async (_, wish, target, reason) => {
  const world = await World.open();
  const vmID = await world.boot();
  await expect(set(world, vmID, wish)).resolves.toEqual({
    code: 0,
    message: 'Done',
    applied: true,
    target,
    reason: expect.stringContaining(reason),
  });
  await expect(world.balloon(vmID)).resolves.toMatchObject({ balloon_target: String(target) });
});

test.each([null, -1, 786_432.5, 'much', '', true, [], {}, 2 ** 53])(
  'refuses the target %j and changes nothing',
  async (target) => {
    const world = await World.open();
    const vmID = await world.boot();
    world.calls.length = 0;
    await expect(set(world, vmID, target)).rejects.toMatchObject({ code: -32602 });
    expect(world.calls).toEqual([]);
    await expect(world.balloon(vmID)).resolves.toMatchObject({ balloon_target: '1048576' });
  },
);

test('a missing target is refused', async () => {
  const world = await World.open();
  const vmID = await world.boot();
  await expect(world.call('VM.setBalloonTarget', { vmID })).rejects.toMatchObject({
    code: -32602,
    message: expect.stringContaining('target is missing'),
  });
});

test.each([
  ['no balloon', { devices: [{ type: 'balloon', device: 'memballoon', model: 'none' }] }],
  [
    'no balloon, in the old form',
    { devices: [{ type: 'balloon', device: 'memballoon', specParams: { model: 'none' } }] },
  ],
  ['ballooning switched off', { ballooningEnabled: false }],
])('with %s, the call succeeds but applied is false', async (_, changes) => {
  const world = await World.open();
  const vmID = await world.boot(1, changes);
  world.calls.length = 0;
  await expect(set(world, vmID, 786_432)).resolves.toEqual({
    code: 0,
    message: 'Done',
    applied: false,
    reason: expect.stringMatching(/balloon/),
  });
  expect(world.calls).toEqual([]);
});

test('a VM that starts or has ended is refused', async () => {
  const world = await World.open();
  await world.call('VM.create', { vmID: idOf(1), vmParams: parameters() });
  await expect(set(world, idOf(1), 786_432)).rejects.toMatchObject({
    code: 53,
    message: expect.stringContaining('WaitForLaunch'),
  });
  await world.sampled();
  world.host.guest(idOf(1)).crash();
  await world.seconds(1);
  await expect(set(world, idOf(1), 786_432)).rejects.toMatchObject({
    code: 53,
    message: expect.stringContaining('Down'),
  });
});

test('a paused VM accepts a target, too', async () => {
  const world = await World.open();
  const vmID = await world.boot();
  await world.call('VM.pause', { vmID });
  await expect(set(world, vmID, 786_432)).resolves.toMatchObject({ applied: true });
});

test("the hypervisor's error reaches the client, and the target stays unchanged", async () => {
  const world = await World.open();
  const vmID = await world.boot();
  world.faults.setBalloon = () => Promise.reject(new HypervisorError('failed', 'QEMU says no'));
  await expect(set(world, vmID, 786_432)).rejects.toMatchObject({
    code: 53,
    message: 'Balloon operation is not available: QEMU says no',
  });
  await expect(world.balloon(vmID)).resolves.toMatchObject({ balloon_target: '1048576' });
});

test('a domain that has just disappeared is an unknown VM', async () => {
  const world = await World.open();
  const vmID = await world.boot();
  world.faults.setBalloon = () => Promise.reject(new HypervisorError('no-domain', 'not found'));
  await expect(set(world, vmID, 786_432)).rejects.toMatchObject({ code: 1 });
});

test('the target is kept over a restart of vmemd', async () => {
  const world = await World.open();
  const vmID = await world.boot();
  await set(world, vmID, 786_432);
  await world.restart();
  await expect(world.balloon(vmID)).resolves.toMatchObject({ balloon_target: '786432' });
});

test.each([
  [768, '768 MiB are 786432'],
  [805_306_368, '805306368 bytes are 786432'],
])(
  'the target %i, meant in another unit, is refused and changes nothing',
  async (target, advice) => {
    const world = await World.open();
    const vmID = await world.boot();
    world.calls.length = 0;
    await expect(set(world, vmID, target)).rejects.toMatchObject({
      code: 91,
      message: expect.stringContaining(`targets are in KiB; ${advice}`),
    });
    expect(world.calls).not.toContain('setBalloon');
    await expect(world.balloon(vmID)).resolves.toMatchObject({ balloon_target: '1048576' });
  },
);

test('without a guarantee, a target stops at the default floor, which a lower guarantee replaces', async () => {
  const world = await World.open();
  const vmID = await world.boot(1, { memGuaranteedSize: undefined });
  expect(await set(world, vmID, 100_000)).toEqual({
    code: 0,
    message: 'Done',
    applied: true,
    target: 131_072,
    reason: expect.stringMatching(/^131072 KiB .* without a guarantee .*VM\.setGuaranteedMemory/),
  });
  await world.call('VM.setGuaranteedMemory', { vmID, guaranteed: 64 });
  expect(await set(world, vmID, 100_000)).not.toHaveProperty('reason');
  await expect(world.balloon(vmID)).resolves.toMatchObject({
    balloon_min: '65536',
    guaranteed_kib: 65_536,
    balloon_target: '100000',
  });
});

test('every target is limited to the range from guarantee to memory', async () => {
  const world = await World.open();
  const vmID = await world.boot();
  await assertProperty(
    fc.asyncProperty(fc.maxSafeNat(), async (wish) => {
      fc.pre(targetSlip(KiB(wish), { floor: KiB(524_288), memory: KiB(1_048_576) }) === undefined);
      const { target, reason } = (await set(world, vmID, wish)) as Record<string, unknown>;
      expect(target).toBe(Math.min(1_048_576, Math.max(524_288, wish)));
      expect(reason === undefined).toBe(target === wish);
    }),
  );
});

test('a repetition of what is reached or under way makes no call, and one after a move from outside does', async () => {
  const world = await World.open();
  const vmID = await world.boot();
  await set(world, vmID, 786_432);
  await world.sampledFor(10);
  world.calls.length = 0;
  await expect(set(world, vmID, 786_432)).resolves.toMatchObject({
    applied: true,
    target: 786_432,
  });
  expect(world.calls).toEqual([]);
  await world.host.setBalloon(vmID, KiB(900_000));
  await world.sampledFor(30);
  await set(world, vmID, 786_432);
  expect(world.calls).toContain('setBalloon');
});

describe.each<[string, object, number, 'setBalloon' | 'setCpuTune']>([
  ['VM.setBalloonTarget', { target: 800_000 }, 53, 'setBalloon'],
  ['VM.setCpuTuneQuota', { quota: 50_000 }, 62, 'setCpuTune'],
])('%s', (verb, params, code, call) => {
  test('ends after 20 s if the hypervisor does not answer, as MoM ends on a long call', async () => {
    const world = await World.open();
    const vmID = await world.boot();
    world.faults[call] = () => held<never>().answer;
    let error: unknown;
    world.call(verb, { vmID, ...params }).catch((reason: unknown) => {
      error = reason;
    });
    await world.seconds(21);
    const message = expect.stringContaining('no result within 20 s');
    expect(error).toMatchObject({ code, message });
  });

  test('is refused at once for a VM that is known to hang', async () => {
    const world = await World.open();
    const vmID = await world.boot();
    world.host.guest(vmID).hang();
    const message = expect.stringContaining('does not answer libvirt');
    await expect(world.call(verb, { vmID, ...params })).rejects.toMatchObject({ code, message });
  });
});
