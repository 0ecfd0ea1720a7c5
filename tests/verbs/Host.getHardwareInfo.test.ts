import { expect, test } from '@jest/globals';
import { World } from '../support/world.ts';

test('tells what the firmware tells', async () => {
  const world = await World.open();
  await expect(world.call('Host.getHardwareInfo')).resolves.toEqual({
    systemManufacturer: 'QEMU',
    systemProductName: 'Standard PC',
  });
});
