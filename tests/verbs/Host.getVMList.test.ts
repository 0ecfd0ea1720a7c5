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

test.each([[{}], [{ vmList: [] }]])('answers every VM in short to %j', async (params) => {
  const world = await open();
  await expect(world.call('Host.getVMList', params)).resolves.toEqual([entry(1), entry(2)]);
});

test('answers those asked for, in any case of letters, and leaves out who is not known', async () => {
  const world = await open();
  const vmList = [idOf(2).toUpperCase(), idOf(9)];
  await expect(world.call('Host.getVMList', { vmList })).resolves.toEqual([entry(2)]);
});

test('also lists a VM that has ended', async () => {
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

test('answers the same whether asked for ids only or for all there is, as VDSM does', async () => {
  const world = await open();
  const params = { fullStatus: true, onlyUUID: false };
  await expect(world.call('Host.getVMList', params)).resolves.toEqual([entry(1), entry(2)]);
});
