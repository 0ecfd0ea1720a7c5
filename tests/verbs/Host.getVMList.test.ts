import { expect, test } from '@jest/globals';
import { idOf, World } from '../support/world.ts';

const open = async () => {
  const world = await World.open();
  await world.boot(1);
  await world.boot(2);
  return world;
};
const entry = (n: number) => ({
  vmId: idOf(n),
  status: 'Up',
  statusTime: expect.stringMatching(/^\d{10,}$/),
});

test.each([[{}], [{ vmList: [] }]])("returns every VM's status for %j", async (params) => {
  const world = await open();
  await expect(world.call('Host.getVMList', params)).resolves.toEqual([entry(1), entry(2)]);
});

test('returns the given VMs, ids in upper or lower case, without unknown ones', async () => {
  const world = await open();
  const vmList = [idOf(2).toUpperCase(), idOf(9)];
  await expect(world.call('Host.getVMList', { vmList })).resolves.toEqual([entry(2)]);
});

test('includes a VM that has ended', async () => {
  const world = await open();
  world.host.guest(idOf(1)).shutDownFromInside();
  await world.seconds(1);
  const vmList = [idOf(1)];
  await expect(world.call('Host.getVMList', { vmList })).resolves.toEqual([
    { ...entry(1), status: 'Down' },
  ]);
});

test.each([[{ vmList: null }], [{ vmList: 'x' }], [{ vmList: ['x'] }]])(
  'refuses %j',
  async (params) => {
    const world = await World.open();
    await expect(world.call('Host.getVMList', params)).rejects.toMatchObject({ code: -32602 });
  },
);

test('returns the same for ids only and for full status, as VDSM does', async () => {
  const world = await open();
  const params = { fullStatus: true, onlyUUID: false };
  await expect(world.call('Host.getVMList', params)).resolves.toEqual([entry(1), entry(2)]);
});
