import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { WsClient } from '../tests/support/wsClient.ts';
import { build } from './build.ts';
import { createVms } from './createVms.ts';
import { withDaemon } from './daemon.ts';
import { row, type Row } from './row.ts';
import { shares } from './sampling.ts';
import { settle } from './settle.ts';

/** Of a second, in one percent. */
const MS_PER_PERCENT = 10;

/**
 * Measures the built daemon's CPU time for a round of its policy: what it uses more while it observes its VMs each
 * second, and writes a trace, than while the policy is off.
 */
export async function benchRounds({
  quick,
  vms,
}: {
  readonly quick: boolean;
  readonly vms: number;
}): Promise<readonly Row[]> {
  await build();
  const folder = await mkdtemp(join(tmpdir(), 'vmemd-bench-'));
  try {
    const config = join(folder, 'vmemd.conf');
    const state = `state_path = ${join(folder, 'state')}\n`;
    await writeFile(
      config,
      `[policy]\ninterval = 1\n${state}trace_path = ${join(folder, 'trace')}\n`,
    );
    const plan = quick ? { runs: 1, seconds: 2 } : { runs: 5, seconds: 10 };
    return await withDaemon(
      async ({ url, pid }) => {
        const client = await WsClient.connect(url);
        await createVms(client, vms);
        await settle(quick);
        const measure = async (mode: string): Promise<number[]> => {
          await client.call('Host.setPolicy', { mode });
          await settle(quick);
          return shares(pid, plan.runs, plan.seconds);
        };
        const off = row('', '', await measure('off')).median;
        const more = (await measure('observe')).map((share) => (share - off) * MS_PER_PERCENT);
        await client.close();
        return [row(`round of the policy with ${String(vms)} VMs, with its trace`, 'ms', more)];
      },
      '--config',
      config,
    );
  } finally {
    await rm(folder, { recursive: true });
  }
}
