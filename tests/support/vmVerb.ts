import { expect, test } from '@jest/globals';
import { idOf, World } from './world.ts';

/** Tests that hold for every verb that acts on one VM; `rest` are its other params. */
export function refusesBadIds(method: string, rest: object = {}): void {
  test('an id that is not known is refused as VDSM does', async () => {
    const world = await World.open();
    await expect(world.call(method, { vmID: idOf(9), ...rest })).rejects.toMatchObject({
      code: 1,
      message: expect.stringContaining(idOf(9)),
    });
  });

  test.each([[{}], [{ vmID: null }], [{ vmID: 7 }], [{ vmID: 'vm1' }], [{ vmID: [] }]])(
    'params without a proper id are refused: %j',
    async (params) => {
      const world = await World.open();
      await expect(world.call(method, { ...rest, ...params })).rejects.toMatchObject({
        code: -32602,
      });
    },
  );
}
