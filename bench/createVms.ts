import type { WsClient } from '../tests/support/wsClient.ts';

/** Without KVM, and no more than the machine has. */
export const SMALL = {
  vmType: 'qemu',
  memSize: 64,
  memGuaranteedSize: 32,
  maxMemSize: 64,
  maxMemSlots: 0,
};

/** How many creations are under way at the same time. */
const AT_ONCE = 50;

/** Creates VMs of 1 GiB with the numbers from `first` on, on the daemon of this client. */
export async function createVms(
  client: WsClient,
  count: number,
  first = 0,
  more: object = {},
): Promise<void> {
  const numbers = Array.from({ length: count }, (_, index) => first + index).values();
  const work = async (): Promise<void> => {
    for (const number of numbers) await createVm(client, number, more);
  };
  await Promise.all(Array.from({ length: Math.min(AT_ONCE, count) }, work));
}

/** `more`: further parameters of the VM. */
export const createVm = (client: WsClient, number: number, more: object = {}): Promise<unknown> =>
  client.call('VM.create', {
    vmID: `b0000000-0000-4000-8000-${number.toString(16).padStart(12, '0')}`,
    vmParams: {
      vmName: `bench-${String(number)}`,
      memSize: 1024,
      memGuaranteedSize: 512,
      maxMemSize: 4096,
      maxMemSlots: 16,
      ...more,
    },
  });
