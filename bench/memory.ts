import { setTimeout as sleep } from 'node:timers/promises';
import { WsClient } from '../tests/support/wsClient.ts';
import { bareNode } from './bareNode.ts';
import { build } from './build.ts';
import { createVms } from './createVms.ts';
import { withDaemon } from './daemon.ts';
import { residentMiB } from './resident.ts';
import { compared, type Pair, type Row } from './row.ts';
import { settle, warm } from './settle.ts';

/** How often an idle daemon is looked at, and how many times: its heap grows and shrinks. */
const LOOK_MS = 5000;
const LOOKS = 6;

/**
 * Measures the built daemon's resident memory with 1, 50 and 500 simulated VMs that were just created, with 500 at rest,
 * and under load with 1 000, beside that of Node alone.
 */
export async function benchMemory({ quick }: { readonly quick: boolean }): Promise<readonly Row[]> {
  await build();
  const counts = quick ? [50] : [1, 50, 500];
  const most = quick ? 100 : 1000;
  const found: Sizes[] = [];
  for (let run = 0; run < (quick ? 1 : 3); run++)
    found.push(await sizesOf({ counts, most, quick }));
  const figure = (what: string, note: string, of: (sizes: Sizes) => readonly number[]): Row => {
    const pairs = found.flatMap((sizes) =>
      of(sizes).map((ours): Pair => ({ ours, theirs: sizes.alone })),
    );
    return { ...compared(`resident memory, ${what}`, 'MiB', pairs, 'Node alone'), note };
  };
  return [
    ...counts.map((count, i) =>
      figure(
        `${named(count)}, just created`,
        'with the garbage of their creation',
        ({ created }) => [created[i] ?? NaN],
      ),
    ),
    figure(named(counts.at(-1) ?? 0), 'after a minute at rest', ({ idle }) => idle),
    figure(
      `${named(most)} under load`,
      'the most, while clients ask for all statistics, lists and metrics',
      ({ loaded }) => [loaded],
    ),
  ];
}

const named = (count: number): string => `${String(count)} ${count === 1 ? 'VM' : 'VMs'}`;

/** In MiB. */
interface Sizes {
  /** Node's without a program. */
  readonly alone: number;
  /** At each count. */
  readonly created: readonly number[];
  /** At the last count, at several times. */
  readonly idle: readonly number[];
  readonly loaded: number;
}

interface Plan {
  readonly counts: readonly number[];
  readonly most: number;
  readonly quick: boolean;
}

/** One daemon grows through the counts. */
const sizesOf = ({ counts, most, quick }: Plan): Promise<Sizes> =>
  withDaemon(async ({ url, pid }) => {
    const client = await WsClient.connect(url);
    const created: number[] = [];
    let made = 0;
    for (const count of counts) {
      await createVms(client, count - made, made);
      made = count;
      await settle(quick);
      created.push(await residentMiB(pid));
    }
    await warm(quick);
    const idle = await looks(pid, quick ? 1 : LOOKS);
    await createVms(client, most - made, made);
    await settle(quick);
    const loaded = await underLoad({ url, client, pid, rounds: quick ? 5 : 50 });
    await client.close();
    const { memory: alone } = await bareNode();
    return { alone, created, idle, loaded };
  });

/** Returns the resident memory at several times, in MiB. */
async function looks(pid: number, count: number): Promise<number[]> {
  const found = [await residentMiB(pid)];
  while (found.length < count) {
    await sleep(LOOK_MS);
    found.push(await residentMiB(pid));
  }
  return found;
}

interface Load {
  readonly url: string;
  readonly client: WsClient;
  readonly pid: number;
  readonly rounds: number;
}

async function underLoad({ url, client, pid, rounds }: Load): Promise<number> {
  const page = async (path: string): Promise<unknown> =>
    (await fetch(new URL(path, url.replace(/^ws/, 'http')))).text();
  let most = 0;
  for (let round = 0; round < rounds; round++) {
    await Promise.all([
      client.call('Host.getAllVmStats'),
      page('/metrics'),
      page('/ovirt-engine/api/vms'),
    ]);
    most = Math.max(most, await residentMiB(pid));
  }
  return most;
}
