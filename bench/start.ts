import { WsClient } from '../tests/support/wsClient.ts';
import { bareNode, type Start } from './bareNode.ts';
import { build } from './build.ts';
import { cpuMs } from './cpu.ts';
import { withDaemon } from './daemon.ts';
import { residentMiB } from './resident.ts';
import { compared, paired, type Row } from './row.ts';

/** Measures the built daemon's start to its first answer, beside Node alone in alternation. */
export async function benchStart({ quick }: { readonly quick: boolean }): Promise<readonly Row[]> {
  await build();
  const ours: Start[] = [];
  const node: Start[] = [];
  for (let run = -1; run < (quick ? 5 : 15); run++) {
    const [own, alone] = [await daemon(), await bareNode()];
    // The first run is a warm-up.
    if (run < 0) continue;
    ours.push(own);
    node.push(alone);
  }
  const figure = (name: string, unit: string, of: keyof Start): Row =>
    compared(
      `start to first answer${name}`,
      unit,
      paired(
        ours.map((each) => each[of]),
        node.map((each) => each[of]),
      ),
      'Node alone',
    );
  return [
    figure('', 'ms', 'wall'),
    figure(', CPU', 'ms', 'cpu'),
    figure(', memory', 'MiB', 'memory'),
  ];
}

async function daemon(): Promise<Start> {
  const began = performance.now();
  return withDaemon(async ({ url, pid }) => {
    const client = await WsClient.connect(url);
    await client.call('Host.ping2');
    const start = {
      wall: performance.now() - began,
      cpu: await cpuMs(pid),
      memory: await residentMiB(pid),
    };
    await client.close();
    return start;
  });
}
