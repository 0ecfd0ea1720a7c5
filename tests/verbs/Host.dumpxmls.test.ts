import { expect, test } from '@jest/globals';
import { idOf, World } from '../support/world.ts';

test('returns the live XML by id, with a plugged device', async () => {
  const world = await World.open();
  const vmID = await world.boot();
  const alias = await world.plug(vmID);
  const xmls = (await world.call('Host.dumpxmls', { vmList: [vmID] })) as Record<string, string>;
  expect(Object.keys(xmls)).toEqual([vmID]);
  expect(xmls[vmID]).toMatch(/<memory model=["']dimm["']>/);
  expect(xmls[vmID]).toContain(alias);
});

test('the XML has metadata that vmemd has written', async () => {
  const world = await World.open();
  const vmID = await world.boot();
  await world.call('VM.setBalloonTarget', { vmID, target: 786_432 });
  const xmls = (await world.call('Host.dumpxmls', { vmList: [vmID] })) as Record<string, string>;
  expect(xmls[vmID]).toMatch(/balloonTarget[^>]*>786432</);
});

test.each([[{}], [{ vmList: [] }]])('returns nothing for %j', async (params) => {
  const world = await World.open();
  await world.boot();
  await expect(world.call('Host.dumpxmls', params)).resolves.toEqual({});
});

test('refuses an unknown id', async () => {
  const world = await World.open();
  const vmID = await world.boot();
  await expect(world.call('Host.dumpxmls', { vmList: [vmID, idOf(9)] })).rejects.toMatchObject({
    code: 1,
    message: expect.stringContaining(idOf(9)),
  });
});

test.each([[{ vmList: null }], [{ vmList: 'x' }], [{ vmList: ['x'] }], [{ vmList: [null] }]])(
  'refuses %j',
  async (params) => {
    const world = await World.open();
    await expect(world.call('Host.dumpxmls', params)).rejects.toMatchObject({ code: -32602 });
  },
);
