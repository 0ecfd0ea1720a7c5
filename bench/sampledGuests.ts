import { spawn } from 'node:child_process';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';
import { build } from './build.ts';
import { cpuMs } from './cpu.ts';
import { withDaemon } from './daemon.ts';
import { builtClient, withLibvirtd } from './libvirtd.ts';
import { metric } from './metrics.ts';
import { compared, paired, row, type Row } from './row.ts';
import { shares } from './sampling.ts';
import { warm } from './settle.ts';

/** Debian's Python, which has python3-libvirt. */
const PYTHON = '/usr/bin/python3';
const script = join(import.meta.dirname, 'python3-sampling.py');
const PEER = 'python3-libvirt, four bulk calls alone';
const COMPARED =
  'all that vmemd does in a second beside what Python needs for the calls; of its C API alone nothing is measured';
/** virDomainCreateFlags: a paused guest costs its QEMU alone, and answers its monitor like any other. */
const PAUSED = 1;

const guestXml = (n: number): string => `<domain type='qemu'><name>bench-${String(n)}</name>
  <memory unit='MiB'>16</memory><vcpu>1</vcpu><os><type machine='q35'>hvm</type></os>
  <devices><memballoon model='virtio'><stats period='5'/></memballoon></devices></domain>`;

/**
 * Measures the built daemon's CPU time for guests that run in QEMU: of a round of samples each second, beside
 * python3-libvirt that reads the same in four bulk calls, and as a share of a core at the default interval. The daemon has
 * run for a minute then.
 */
export async function benchSampledGuests({
  quick,
}: {
  readonly quick: boolean;
}): Promise<readonly Row[]> {
  await build();
  const plan = quick ? { guests: 10, runs: 2, seconds: 2 } : { guests: 50, runs: 5, seconds: 10 };
  return withLibvirtd(async (socket, folder) => {
    const uri = `qemu:///system?socket=${socket}`;
    await startGuests(uri, plan.guests);
    const config = join(folder, 'vmemd.conf');
    await writeFile(config, '[sampling]\ninterval = 1\n');
    const connect = ['--connect', uri] as const;
    const [ours, theirs] = await withDaemon(
      (daemon) => rounds(daemon, uri, { ...plan, quick }),
      ...connect,
      '--config',
      config,
    );
    const title = `${String(plan.guests)} QEMU guests`;
    const round = `round of samples of ${title}, CPU with all else of its second`;
    const idle = await withDaemon(
      async ({ pid }) => {
        await warm(quick);
        return shares(pid, plan.runs, plan.seconds);
      },
      ...connect,
    );
    return [
      { ...compared(round, 'ms', paired(ours, theirs), PEER), note: COMPARED },
      row(`idle with ${title}`, '% of a core', idle),
    ];
  });
}

async function startGuests(uri: string, count: number): Promise<void> {
  const { Client } = await builtClient();
  const client = new Client({ uri });
  await client.open();
  try {
    for (let n = 0; n < count; n++) await client.control.domainCreateXML(guestXml(n), PAUSED);
  } finally {
    client.close();
  }
}

interface Plan {
  readonly runs: number;
  readonly seconds: number;
  readonly quick: boolean;
}

/** Returns the CPU time of a round in milliseconds, once for each run: ours and the peer's. */
async function rounds(
  { url, pid }: { readonly url: string; readonly pid: number },
  uri: string,
  { runs, seconds, quick }: Plan,
): Promise<readonly [number[], number[]]> {
  const peer = python(uri);
  const [ours, theirs]: [number[], number[]] = [[], []];
  try {
    await warm(quick);
    for (let run = 0; run < runs; run++) {
      const [first, before] = [await roundsOf(url), await cpuMs(pid)];
      await sleep(seconds * 1000);
      const used = (await cpuMs(pid)) - before;
      ours.push(used / ((await roundsOf(url)) - first));
      theirs.push(await peer.round());
    }
  } finally {
    peer.end();
  }
  return [ours, theirs];
}

/** Each round lists the domains once. */
const roundsOf = (url: string): Promise<number> =>
  metric(url, 'vmemd_libvirt_call_duration_seconds_count', 'procedure="connectListAllDomains"');

function python(uri: string) {
  const child = spawn(PYTHON, [script, uri], { stdio: ['pipe', 'pipe', 'ignore'] });
  const lines = createInterface(child.stdout)[Symbol.asyncIterator]();
  child.on('error', () => undefined);
  child.stdin.on('error', () => undefined);
  const round = async (): Promise<number> => {
    child.stdin.write('\n');
    const line = await lines.next();
    if (line.done) throw new Error('python3-libvirt is missing');
    return Number(line.value);
  };
  return { round, end: () => child.stdin.end() };
}
