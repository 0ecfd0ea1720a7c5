import { expect, test } from '@jest/globals';
import { World } from '../support/world.ts';

test("returns the firmware's facts", async () => {
  const world = await World.open();
  await expect(world.call('Host.getHardwareInfo')).resolves.toEqual({
    systemManufacturer: 'QEMU',
    systemProductName: 'Standard PC',
  });
});
