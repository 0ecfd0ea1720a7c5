import { expect, test } from '@jest/globals';
import { hardware } from '../../../src/host/report/hardware.ts';
import { procfs } from '../../support/procfs.ts';

test('empty and missing firmware fields are absent', async () => {
  const proc = procfs({ 'sys/class/dmi/id/product_uuid': 'b3f6\n' });
  expect(await hardware(proc)).toEqual({
    systemManufacturer: 'QEMU',
    systemProductName: 'Standard PC',
    systemUUID: 'b3f6',
  });
});
