import { describe, expect, test } from '@jest/globals';
import { KiB } from '../../../src/common/units.ts';
import { OVIRT_VM } from '../../../src/domain-xml/metadata.ts';
import { openGuest } from '../../support/memoryGuest.ts';
import { onHost, ovirtElement } from '../../support/onHost.ts';

const MIB = 1024;

/** A guest whose record a later version of vmemd has replaced by one in another format. */
async function upgraded(restart: boolean) {
  const guest = await openGuest({ devices: [256] });
  const { world, vmID, ask } = guest;
  await ask('setGuaranteedMemory', { guaranteed: 640 });
  const element = ovirtElement(await world.host.domainXml(vmID));
  const newer = element.replace('"version":2', '"version":3,"ledger":"of another kind"');
  expect(newer).not.toBe(element);
  await world.host.setMetadata(vmID, { ...OVIRT_VM, xml: newer, where: 'live' });
  if (restart) await world.restart();
  await world.seconds(1);
  const live = () => world.host.domainXml(vmID);
  return { ...guest, live, host: onHost(world, vmID) };
}

const CHANGES = [
  ['setBalloonTarget', { target: 900 * MIB }],
  ['setGuaranteedMemory', { guaranteed: 700 }],
  ['setMemoryStatsPeriod', { period: 7 }],
  ['setMemory', { memory: 1536 }],
] as const;

describe.each([
  ['while this one runs', false],
  ['before this one starts', true],
])('a record that a later vmemd has written %s', (_, restart) => {
  test.each(CHANGES)('makes %s fail with what to do, and stays as it is', async (verb, params) => {
    const { ask, live, host } = await upgraded(restart);
    const [before, target] = [await live(), host.balloonTarget()];
    await expect(ask(verb, params)).rejects.toThrow(
      /a newer vmemd has written .*; use that version/,
    );
    expect(await live()).toBe(before);
    expect(host.balloonTarget()).toBe(target);
  });

  test('makes plug and unplug fail, and stays as it is', async () => {
    const { plug, unplug, live, devices } = await upgraded(restart);
    const before = await live();
    await expect(plug()).rejects.toThrow(/newer vmemd/);
    await expect(unplug()).rejects.toThrow(/newer vmemd/);
    expect(await live()).toBe(before);
    expect(await devices()).toHaveLength(1);
  });

  test('leaves everything that reads', async () => {
    const { world, vmID, ask, guaranteed } = await upgraded(restart);
    expect(await guaranteed()).toBe(640);
    expect(await world.balloon(vmID)).toMatchObject({ balloon_target: String(1280 * MIB) });
    await expect(ask('getMemoryUsage')).resolves.toBeDefined();
  });

  test('stays as it is when a device comes and goes, whatever else happens', async () => {
    const { world, vmID, live } = await upgraded(restart);
    const record = /"version":3[^<]*/.exec(await live())?.[0];
    const moves = [
      world.host.setBalloon(vmID, KiB(900 * MIB)),
      world.host.detachDevice(vmID, 'dimm0'),
    ];
    await world.seconds(30);
    await Promise.all(moves);
    expect(/"version":3[^<]*/.exec(await live())?.[0]).toBe(record);
  });
});
