import { execFile } from 'node:child_process';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import { WsClient } from '../tests/support/wsClient.ts';
import { build } from './build.ts';
import { createVm, createVms, SMALL } from './createVms.ts';
import { withDaemon } from './daemon.ts';
import { withLibvirtd } from './libvirtd.ts';
import { compared, type Pair, row, type Row } from './row.ts';

const run = promisify(execFile);
const SIMULATED = 100;
const REAL = 20;
/**
 * Measures the creation of 100 VMs at the same time on a simulated host, and of 20 on a real libvirt until they run beside
 * `virsh create` in a loop.
 */
export async function benchCreation({
  quick,
}: {
  readonly quick: boolean;
}): Promise<readonly Row[]> {
  await build();
  const runs = quick ? 1 : 5;
  const simulated: number[] = [];
  for (let turn = 0; turn < runs; turn++) simulated.push(await onSimulated());
  const own = row(
    `${String(SIMULATED)} VM.create at the same time, simulated host`,
    'ms',
    simulated,
  );
  const count = quick ? 2 : REAL;
  const pairs = await withLibvirtd(async (socket, folder) => {
    const found: Pair[] = [];
    for (let turn = 0; turn < runs; turn++) found.push(await besideVirsh(socket, folder, count));
    return found;
  });
  const title = `${String(count)} VM.create until they run, libvirt`;
  return [own, compared(title, 'ms', pairs, 'virsh create in a loop')];
}

const onSimulated = (): Promise<number> =>
  withDaemon(async ({ url }) => {
    // a connection may have 80 requests under way
    const clients = await Promise.all([WsClient.connect(url), WsClient.connect(url)]);
    const began = performance.now();
    await Promise.all(
      clients.flatMap((client, index) =>
        Array.from({ length: SIMULATED / clients.length }, (_, number) =>
          createVm(client, number * clients.length + index),
        ),
      ),
    );
    const took = performance.now() - began;
    await Promise.all(clients.map((client) => client.close()));
    return took;
  });

/** Has the same VMs run by both, one after the other; the daemon has ended when virsh begins. */
async function besideVirsh(socket: string, folder: string, count: number): Promise<Pair> {
  const uri = `qemu:///system?socket=${socket}`;
  const virsh = (...words: readonly string[]) => run('virsh', ['-c', uri, '-q', ...words]);
  const names = Array.from({ length: count }, (_, number) => `bench-${String(number)}`);
  const created = async ({ url }: { readonly url: string }) => {
    const client = await WsClient.connect(url);
    const began = performance.now();
    await createVms(client, count, 0, SMALL);
    await allStarted(client);
    const ours = performance.now() - began;
    await client.close();
    return { ours, files: await Promise.all(names.map((name) => xmlOf(name, virsh, folder))) };
  };
  const { ours, files } = await withDaemon(created, '--connect', uri);
  await atOnce(names, (name) => virsh('destroy', name));
  const began = performance.now();
  for (const file of files) await virsh('create', file);
  const theirs = performance.now() - began;
  await atOnce(names, async (name) => {
    await virsh('destroy', name);
    await virsh('undefine', name);
  });
  return { ours, theirs };
}

/** Not measured: libvirt takes two seconds to destroy a VM. */
const atOnce = (names: readonly string[], work: (name: string) => Promise<unknown>) =>
  Promise.all(names.map(work));

/** Waits until all VMs have started: VM.create returns before. */
async function allStarted(client: WsClient): Promise<void> {
  for (;;) {
    const vms = (await client.call('Host.getVMList', { fullStatus: true })) as Listed[];
    const failed = vms.find(({ status }) => status === 'Down');
    if (failed) throw new Error(`the VM ${failed.vmId} did not start`);
    if (vms.every(({ status }) => status !== 'WaitForLaunch')) return;
    await sleep(10);
  }
}

interface Listed {
  readonly vmId: string;
  readonly status: string;
}

/** Writes the XML of a VM that runs into a file, from which it can be created again. */
async function xmlOf(
  name: string,
  virsh: (...words: readonly string[]) => Promise<{ stdout: string }>,
  folder: string,
): Promise<string> {
  const file = join(folder, `${name}.xml`);
  await writeFile(file, (await virsh('dumpxml', '--inactive', name)).stdout);
  return file;
}
