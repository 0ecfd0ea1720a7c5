import type { WsClient } from '../support/wsClient.ts';

const MIB_PER_GIB = 1024;

/** Returns the id of the VM with this number. */
const idOf = (number: number): string =>
  `00000000-0000-4000-8000-${String(number).padStart(12, '0')}`;

/** Creates a VM with 2 GiB, of which 1 is guaranteed, and room for devices up to 8; returns its id. */
export async function createVm(
  client: WsClient,
  number: number,
  vmParams: { readonly vmName: string } & Readonly<Record<string, unknown>>,
): Promise<string> {
  const vmID = idOf(number);
  await client.call('VM.create', {
    vmID,
    vmParams: {
      memSize: 2 * MIB_PER_GIB,
      memGuaranteedSize: MIB_PER_GIB,
      maxMemSize: 8 * MIB_PER_GIB,
      maxMemSlots: 8,
      ...vmParams,
    },
  });
  return vmID;
}
