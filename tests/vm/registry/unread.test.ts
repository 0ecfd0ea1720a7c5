import { describe, expect, test } from '@jest/globals';
import { HypervisorError } from '../../../src/host/hypervisor.ts';
import { idOf, World } from '../../support/world.ts';

const foreign = (n: number) =>
  `<domain type='kvm'><name>theirs${String(n)}</name><uuid>${idOf(n)}</uuid><memory>1048576</memory></domain>`;

/** A world in which the XML of the first of `count` foreign domains is what `xml` returns. */
async function withOneUnread(count: number, xml: () => Promise<string>) {
  const world = await World.open();
  const reads: string[] = [];
  world.faults.domainXml = (uuid, options) => {
    reads.push(uuid);
    return uuid === idOf(1) ? xml() : world.host.domainXml(uuid, options);
  };
  for (let n = 1; n <= count; n += 1) {
    await world.host.createDomain(foreign(n), { paused: n === 1 });
  }
  await world.seconds(1);
  return { world, reads };
}

const broken = () => Promise.resolve('<domain');

describe('a domain whose XML cannot be read', () => {
  test('is listed with its state, and requests for it say why', async () => {
    const { world } = await withOneUnread(2, broken);
    expect(await world.call('Host.getVMList')).toMatchObject([
      { vmId: idOf(2), status: 'Up' },
      { vmId: idOf(1), status: 'Paused' },
    ]);
    expect(await world.call('Host.getAllVmStats')).toMatchObject([
      { vmId: idOf(2) },
      { vmId: idOf(1), vmName: 'theirs1', unreadable: expect.stringContaining('not well-formed') },
    ]);
    expect(await world.call('Host.getStats')).toMatchObject({ vmCount: 2 });
    await expect(world.call('VM.getStats', { vmID: idOf(1) })).rejects.toMatchObject({
      code: 16,
      message: expect.stringMatching(/cannot be read: .*not well-formed.*virsh edit/),
    });
  });

  test('is read again ever more rarely, and the others not with it', async () => {
    const { world, reads } = await withOneUnread(3, broken);
    reads.length = 0;
    await world.seconds(50);
    expect(reads).toEqual([idOf(1), idOf(1), idOf(1)]);
    reads.length = 0;
    await world.seconds(3600);
    expect(reads.filter((uuid) => uuid === idOf(1)).length).toBeLessThan(14);
    expect(reads.filter((uuid) => uuid === idOf(2)).length).toBeGreaterThan(50);
    const warnings = world.lines.filter(({ msg }) => msg === 'a domain could not be read');
    expect(warnings).toHaveLength(1);
  });

  test('is read at once when something about it changes', async () => {
    let answer = broken;
    const { world } = await withOneUnread(1, () => answer());
    await world.seconds(600);
    answer = () => world.host.domainXml(idOf(1));
    await world.host.resumeDomain(idOf(1));
    await world.seconds(1);
    expect(await world.status(idOf(1))).toBe('Up');
    expect(world.vms.unreadable()).toEqual([]);
  });

  test('is forgotten when it is gone', async () => {
    const { world } = await withOneUnread(1, broken);
    await world.host.undefineDomain(idOf(1));
    await world.host.destroyDomain(idOf(1), { graceful: false });
    await world.seconds(1);
    await expect(world.call('VM.getStats', { vmID: idOf(1) })).rejects.toMatchObject({ code: 1 });
  });
});

test('a domain whose hypervisor does not answer is said to be recovering, and is tried again soon', async () => {
  const slow = () => Promise.reject(new HypervisorError('timed-out', 'busy'));
  const { world, reads } = await withOneUnread(2, slow);
  await expect(world.call('VM.getStats', { vmID: idOf(1) })).rejects.toMatchObject({ code: 99 });
  reads.length = 0;
  await world.seconds(6);
  expect(reads).toEqual([idOf(1)]);
});

test('a known VM that cannot be read does not make the others be read more often', async () => {
  const world = await World.open();
  const [one, other] = [await world.boot(1), await world.boot(2)];
  const reads: string[] = [];
  world.faults.domainXml = (uuid, options) => {
    reads.push(uuid);
    return uuid === one ? broken() : world.host.domainXml(uuid, options);
  };
  await world.seconds(600);
  expect(reads.filter((uuid) => uuid === other).length).toBeLessThanOrEqual(11);
  expect(await world.status(one)).toBe('Up');
});
