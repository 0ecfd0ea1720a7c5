import { expect, test } from '@jest/globals';
import { idOf, World } from '../support/world.ts';

test.each([{}, { vmList: [] }, { vmList: [idOf(2).toUpperCase(), idOf(9)] }])(
  'returns for %j the same as Host.getVMList',
  async (params) => {
    const world = await World.open();
    await world.boot(1);
    await world.boot(2);
    const answer = await world.call('Host.getVMFullList', params);
    expect(answer).toContainEqual(expect.objectContaining({ vmId: idOf(2), status: 'Up' }));
    expect(answer).toEqual(await world.call('Host.getVMList', params));
  },
);

test.each([[{ vmList: null }], [{ vmList: 'x' }], [{ vmList: ['x'] }]])(
  'refuses %j',
  async (params) => {
    const world = await World.open();
    await expect(world.call('Host.getVMFullList', params)).rejects.toMatchObject({ code: -32602 });
  },
);
