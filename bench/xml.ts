import { spawn } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { readXml } from '../src/domain-xml/readXml.ts';
import { writeXml } from '../src/domain-xml/writeXml.ts';
import { compared, paired, type Row } from './row.ts';

const live = join(import.meta.dirname, '../fixtures/domain-xml/live.xml');
const script = join(import.meta.dirname, 'libxml2.py');
const DISKS = 40;
const SMALL = 50_000;
const GROWTH = 4;

const disk = (n: number): string => `
    <disk type='file' device='disk'>
      <driver name='qemu' type='qcow2' cache='none' io='native'/>
      <source file='/var/lib/libvirt/images/disk${String(n)}.qcow2' index='1'/>
      <backingStore/>
      <target dev='vd${String(n)}' bus='virtio'/>
      <serial>disk-${String(n)}</serial>
      <alias name='virtio-disk${String(n)}'/>
      <address type='pci' domain='0x0000' bus='0x04' slot='0x00' function='0x0'/>
    </disk>`;

/** Measures the CPU time to read and write a domain with 40 disks, beside libxml2, and how it grows with the size. */
export async function benchXml({ quick }: { readonly quick: boolean }): Promise<readonly Row[]> {
  const disks = Array.from({ length: DISKS }, (_, n) => disk(n)).join('');
  const xml = (await readFile(live, 'utf8')).replace('</devices>', `${disks}\n  </devices>`);
  const turns = quick ? 20 : 300;
  const runs = quick ? 3 : 7;
  const ours: number[] = [];
  const theirs: number[] = [];
  cpu(turns, () => writeXml(readXml(xml)));
  const peer = await libxml2(xml);
  for (let run = 0; run < runs; run++) {
    ours.push(cpu(turns, () => writeXml(readXml(xml))));
    theirs.push(await peer.measure(turns));
  }
  await peer.end();
  const growths = Array.from({ length: runs }, () => ({
    ours: timeOf(GROWTH * SMALL),
    theirs: timeOf(SMALL),
  }));
  return [
    compared(
      `XML of ${String(DISKS)} disks, read and written, CPU`,
      'ms',
      paired(ours, theirs),
      'libxml2',
    ),
    compared('XML of 200 000 elements, read, CPU', 'ms', growths, '50 000 elements'),
  ];
}

const timeOf = (elements: number): number =>
  cpu(1, () => readXml(`<a>${'<b/>'.repeat(elements)}</a>`));

/** Returns the CPU time of one turn in milliseconds. */
function cpu(turns: number, work: () => unknown): number {
  const before = process.cpuUsage();
  for (let turn = 0; turn < turns; turn++) work();
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1000 / turns;
}

/** Starts libxml2 in a process of its own; throws if it is not installed. */
async function libxml2(xml: string) {
  const folder = await mkdtemp(join(tmpdir(), 'vmemd-bench-'));
  const file = join(folder, 'domain.xml');
  await writeFile(file, xml);
  const child = spawn('/usr/bin/python3', [script, file], { stdio: ['pipe', 'pipe', 'ignore'] });
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  const measure = async (turns: number): Promise<number> => {
    child.stdin.write(`${String(turns)}\n`);
    const line: IteratorResult<string, undefined> = await lines.next();
    if (line.done === true) throw new Error('libxml2.so.2 or /usr/bin/python3 is missing');
    return Number(line.value);
  };
  const end = (): Promise<void> => {
    child.stdin.end();
    return rm(folder, { recursive: true });
  };
  child.on('error', () => undefined);
  child.stdin.on('error', () => undefined);
  await measure(1);
  return { measure, end };
}
