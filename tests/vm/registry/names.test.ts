import { describe, expect, test } from '@jest/globals';
import { idOf, parameters, World } from '../../support/world.ts';

const named = (n: number, name: string) =>
  `<domain type='kvm'><name>${name}</name><uuid>${idOf(n)}</uuid><memory>1048576</memory></domain>`;
const nameOf = (world: World, vmID: string) => world.vms.get(vmID).domain.name;

describe('a domain that runs is a VM whatever its name', () => {
  test.each([
    ['a tab', 'a&#9;b', 'a\tb'],
    ['a line break', 'a&#10;b', 'a\nb'],
    ['another control character', 'a&#133;b', 'a\u0085b'],
    ['blanks', '   ', '   '],
    ['a folder', '..', '..'],
    ['more than 255 bytes', 'é'.repeat(200), 'é'.repeat(200)],
    ['quotes', '&quot;\\&lt;', '"\\<'],
  ])('%s', async (_, written, name) => {
    const world = await World.open();
    await world.host.createDomain(named(1, written), { paused: false });
    await world.seconds(1);
    expect(await world.stats(idOf(1))).toMatchObject({ status: 'Up', vmName: name });
  });
});

describe('a VM that is Down', () => {
  async function down() {
    const world = await World.open();
    const vmID = await world.boot();
    world.host.guest(vmID).shutDownFromInside();
    await world.seconds(1);
    return { world, vmID };
  }

  test('follows a new name of its domain', async () => {
    const { world, vmID } = await down();
    world.host.guest(vmID).rename('other');
    await world.seconds(1);
    expect(nameOf(world, vmID)).toBe('other');
    expect(await world.call('Host.dumpxmls', { vmList: [vmID] })).toMatchObject({
      [vmID]: expect.stringContaining('<name>other</name>'),
    });
  });

  test('follows a new name whose event was lost', async () => {
    const { world, vmID } = await down();
    world.host.disconnect();
    world.host.guest(vmID).rename('other');
    world.host.reconnect();
    await world.seconds(61);
    expect(nameOf(world, vmID)).toBe('other');
  });

  test('has the name without what XML cannot hold, as libvirt writes it', async () => {
    const { world, vmID } = await down();
    world.host.guest(vmID).rename('a\u0001b');
    await world.seconds(1);
    expect(nameOf(world, vmID)).toBe('ab');
  });

  test('leaves its former name to another VM', async () => {
    const { world, vmID } = await down();
    world.host.guest(vmID).rename('other');
    await world.seconds(1);
    const params = { vmID: idOf(2), vmParams: parameters(2, { vmName: 'vm1' }) };
    await expect(world.call('VM.create', params)).resolves.toMatchObject({ vmId: idOf(2) });
  });

  test('is named in the error about its name, with how to remove it', async () => {
    const { world, vmID } = await down();
    const params = { vmID: idOf(2), vmParams: parameters(2, { vmName: 'vm1' }) };
    await expect(world.call('VM.create', params)).rejects.toMatchObject({
      code: 4,
      message: `Virtual machine already exists: the name vm1 is that of ${vmID}, a VM that is Down; choose another name, or remove that VM with VM.destroy`,
    });
  });
});

test('an error about a name of a domain that is no VM says how to free the name', async () => {
  const world = await World.open();
  await world.host.createDomain(named(7, 'taken'), { paused: false });
  await world.host.destroyDomain(idOf(7), { graceful: false });
  await world.seconds(1);
  const params = { vmID: idOf(2), vmParams: parameters(2, { vmName: 'taken' }) };
  await expect(world.call('VM.create', params)).rejects.toMatchObject({
    code: 4,
    message: expect.stringContaining(
      `a domain of another program that is Down; choose another name, or rename that domain with: virsh domrename ${idOf(7)} OTHER-NAME`,
    ),
  });
});

test.each([
  ['in upper case', idOf(1).toUpperCase()],
  ['without hyphens', idOf(1).replaceAll('-', '')],
  ['with blanks', ` ${idOf(1).replaceAll('-', ' ')} `],
])('a VM is found by its id %s', async (_, vmID) => {
  const world = await World.open();
  await world.call('VM.create', { vmID, vmParams: parameters() });
  await world.seconds(1);
  expect(await world.stats(vmID)).toMatchObject({ vmId: idOf(1) });
  expect(await world.call('Host.getVMList', { vmList: [vmID] })).toMatchObject([{ vmId: idOf(1) }]);
});
