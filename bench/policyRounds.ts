import { join } from 'node:path';
import { WsClient } from '../tests/support/wsClient.ts';
import { build } from './build.ts';
import { createVms } from './createVms.ts';
import { withConfigured } from './daemon.ts';
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
  const plan = quick ? { runs: 1, seconds: 2 } : { runs: 5, seconds: 10 };
  const config = (folder: string): string =>
    [
      '[policy]',
      'interval = 1',
      ...['state', 'trace'].map((name) => `${name}_path = ${join(folder, name)}`),
      '',
    ].join('\n');
  return withConfigured(config, async ({ url, pid }) => {
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
  });
}
