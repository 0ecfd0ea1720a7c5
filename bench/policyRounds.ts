import { copyFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { WsClient } from '../tests/support/wsClient.ts';
import { build } from './build.ts';
import { cpuMs } from './cpu.ts';
import { createVms } from './createVms.ts';
import { type Daemon, withConfigured } from './daemon.ts';
import { metric } from './metrics.ts';
import { compared, paired, row, type Row } from './row.ts';
import { shares } from './sampling.ts';
import { settle, warm } from './settle.ts';

interface Plan {
  readonly runs: number;
  readonly seconds: number;
}

/**
 * Measures rounds of the built daemon's policy, which come once a second and are written to a trace: the CPU time that it
 * uses more than while the policy is off, and how long another client waits meanwhile. One daemon grows through the
 * `counts` of VMs, whose last two are compared.
 */
export async function benchRounds(counts: readonly number[]): Promise<readonly Row[]> {
  await build();
  const plan = { runs: 5, seconds: 10 };
  return withConfigured(configured, async ({ url, pid }) => {
    const [client, other] = [await WsClient.connect(url), await WsClient.connect(url)];
    const rows: Row[] = [];
    const each: number[][] = [];
    let made = 0;
    for (const count of counts) {
      await createVms(client, count - made, made);
      made = count;
      const used = await roundsOf({ client, url, pid, ...plan });
      const waits = await longestWaits(other, plan.runs * plan.seconds);
      each.push(used.map((ms) => ms / count));
      const name = `round of the policy with ${String(count)} VMs, with its trace`;
      rows.push(row(`${name}, CPU`, 'ms', used));
      const longest = `${name}, longest wait of another client`;
      rows.push(
        row(longest, 'ms', waits, 'includes the simulated guests, which are computed then'),
      );
    }
    await Promise.all([client.close(), other.close()]);
    return [...rows, ...linearity(counts, each)];
  });
}

/** The memory of the host is read from a file, as that of a real one: a simulated host computes it guest by guest. */
function configured(folder: string): string {
  const meminfo = join(folder, 'meminfo');
  copyFileSync('/proc/meminfo', meminfo);
  return [
    '[policy]',
    'interval = 1',
    `meminfo_path = ${meminfo}`,
    ...['state', 'trace'].map((name) => `${name}_path = ${join(folder, name)}`),
    '[sampling]',
    // so that most seconds have a round of the policy alone
    'interval = 5',
    '',
  ].join('\n');
}

/** Returns the CPU time of a round, once for each run, in milliseconds; the policy is on afterwards. */
async function roundsOf({
  client,
  url,
  pid,
  runs,
  seconds,
}: Plan & Daemon & { readonly client: WsClient }): Promise<number[]> {
  const turn = async (mode: string): Promise<void> => {
    await client.call('Host.setPolicy', { mode });
    await settle(false);
  };
  await turn('observe');
  // the fewer VMs, which are measured first, must not run colder code than the most
  await warm(false);
  await turn('off');
  const off = row('', '', await shares(pid, runs, seconds)).median / 100;
  await turn('observe');
  const found: number[] = [];
  for (let run = 0; run < runs; run++) {
    const first = await metric(url, 'vmemd_policy_rounds_total');
    const [before, began] = [await cpuMs(pid), performance.now()];
    await sleep(seconds * 1000);
    const used = (await cpuMs(pid)) - before - off * (performance.now() - began);
    found.push(used / ((await metric(url, 'vmemd_policy_rounds_total')) - first));
  }
  return found;
}

/** Returns the longest that a client has waited for an answer in each of so many seconds, in milliseconds. */
async function longestWaits(client: WsClient, seconds: number): Promise<number[]> {
  const found: number[] = [];
  for (let second = 0; second < seconds; second++) {
    const end = performance.now() + 1000;
    let longest = 0;
    for (let began = performance.now(); began < end; began = performance.now()) {
      await client.call('Host.ping2');
      longest = Math.max(longest, performance.now() - began);
    }
    found.push(longest);
  }
  return found;
}

/** Returns a row of what a VM costs among the most, beside one among fewer; none with one count only. */
function linearity(counts: readonly number[], each: readonly (readonly number[])[]): Row[] {
  const [fewer, most] = counts.slice(-2);
  const [half = [], all = []] = each.slice(-2);
  if (fewer === undefined || most === undefined) return [];
  const name = `round of the policy with ${String(most)} VMs, each, CPU`;
  return [compared(name, 'ms', paired(all, half), `each of ${String(fewer)}`)];
}
