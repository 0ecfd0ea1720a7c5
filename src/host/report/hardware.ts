import type { Procfs } from './procfs.ts';

// VDSM's field names and the firmware's file names (dmidecodeUtil.py).
const FIELDS = {
  systemManufacturer: 'sys_vendor',
  systemProductName: 'product_name',
  systemVersion: 'product_version',
  systemSerialNumber: 'product_serial',
  systemUUID: 'product_uuid',
  systemFamily: 'product_family',
} as const;

/** Returns the host's make and model; fields that its firmware does not have are absent. */
export async function hardware(
  proc: Procfs,
): Promise<Partial<Record<keyof typeof FIELDS, string>>> {
  const read = Object.entries(FIELDS).map(
    async ([name, file]) => [name, await proc.firmware(file)] as const,
  );
  const known = (await Promise.all(read)).filter(([, value]) => value !== undefined);
  return Object.fromEntries(known);
}
