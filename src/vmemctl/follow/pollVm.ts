import type { Client } from '../../client/index.ts';
import { type Ended, poll, type PollOptions } from './poll.ts';

/** A value may be there at each event, and is looked for so often besides. */
const INTERVAL_MS = 1000;

type Options<T> = Omit<PollOptions<T>, 'onNews' | 'intervalMs'> & {
  readonly client: Client;
  readonly vmId: string;
};

/** Polls, and reads anew at each event of a VM. */
export async function pollVm<T>({ client, vmId, ...options }: Options<T>): Promise<Ended<T>> {
  let wake = (): void => undefined;
  const subscription = await client.subscribe(
    [`|virt|VM_memory|${vmId}`, `|virt|VM_status|${vmId}`],
    () => {
      wake();
    },
  );
  try {
    const onNews = (ring: () => void): void => {
      wake = ring;
    };
    return await poll({ ...options, onNews, intervalMs: INTERVAL_MS });
  } finally {
    await subscription.end();
  }
}
