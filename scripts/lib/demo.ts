import type { Client } from '../../src/client/client.ts';
import { MiB, toKiB } from '../../src/common/units.ts';

interface DemoGuest {
  readonly name: string;
  /** Sizes in MiB. */
  readonly memory: number;
  readonly guaranteed: number;
  /** Words of `vmemd.sim`. */
  readonly sim: string;
  /** Memory that is plugged once it runs. */
  readonly plug?: number;
  /** What its balloon leaves. */
  readonly target?: number;
}

/** Guests of different size, guarantee and load, which are given more than the simulated host has. */
export const GUESTS: readonly DemoGuest[] = [
  { name: 'web', memory: 4096, guaranteed: 1024, sim: 'wave,streams-files' },
  { name: 'shop', memory: 6144, guaranteed: 2048, sim: 'uses-50%,bursts' },
  { name: 'database', memory: 16_384, guaranteed: 8192, sim: 'uses-40%,reads-files' },
  { name: 'build', memory: 8192, guaranteed: 2048, sim: 'uses-35%,busy,streams-files' },
  { name: 'batch', memory: 12_288, guaranteed: 2048, sim: 'uses-30%,leak' },
  { name: 'mail', memory: 4096, guaranteed: 1024, sim: 'uses-70%,churns' },
  { name: 'wiki', memory: 8192, guaranteed: 1024, sim: 'uses-10%,slow-balloon', target: 3072 },
  { name: 'analytics', memory: 12_288, guaranteed: 4096, sim: 'uses-45%,wave', plug: 2048 },
  { name: 'legacy', memory: 2048, guaranteed: 1024, sim: 'no-driver' },
  { name: 'crowded', memory: 2048, guaranteed: 512, sim: 'uses-95%,busy', target: 1280 },
];

const FIRST_ID = 0xde30;
const idOf = (index: number): string =>
  `00000000-0000-4000-8000-${(FIRST_ID + index).toString(16).padStart(12, '0')}`;

/** Creates the guests on a simulated host, as far as they are not there. Throws where the host is real. */
export async function createGuests(client: Pick<Client, 'call'>): Promise<void> {
  const { simulated } = await client.call('Host.getCapabilities');
  if (simulated !== true) {
    throw new Error('This host is real, and the guests of the demo are for a simulated one.');
  }
  const { vms } = await client.call('Host.getOverview');
  const known = new Set(vms.map(({ id }) => id));
  for (const [index, guest] of GUESTS.entries()) {
    if (!known.has(idOf(index))) await create(client, idOf(index), guest);
  }
}

async function create(
  client: Pick<Client, 'call'>,
  vmID: string,
  { name, memory, guaranteed, sim, plug, target }: DemoGuest,
): Promise<void> {
  const vmParams = {
    vmName: name,
    memSize: MiB(memory),
    memGuaranteedSize: MiB(guaranteed),
    maxMemSize: MiB(2 * memory),
    maxMemSlots: 16,
    smp: 2,
    kernel: '/simulated',
    kernelArgs: `vmemd.sim=${sim}`,
  };
  await client.call('VM.create', { vmID, vmParams });
  while ((await client.call('VM.getStats', { vmID }))[0]?.status === 'WaitForLaunch') continue;
  if (plug !== undefined) await client.call('VM.setMemory', { vmID, memory: MiB(memory + plug) });
  if (target !== undefined) {
    await client.call('VM.setBalloonTarget', { vmID, target: toKiB(MiB(target)) });
  }
}
