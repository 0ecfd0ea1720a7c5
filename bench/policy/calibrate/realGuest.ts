import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { copyFileSync, existsSync, mkdtempSync, writeFileSync } from 'node:fs';
import { connect, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

/** What QEMU reports of its guest's balloon; bytes. */
interface GuestStats {
  readonly 'last-update': number;
  readonly stats: Readonly<Record<string, number>>;
}

/** A guest of `lab/guest.sh` under QEMU, which fills so many MiB of memory at a time given in seconds after boot. */
export class RealGuest {
  readonly #process: ChildProcess;
  readonly #qmp: Qmp;
  #console = '';

  private constructor(process: ChildProcess, qmp: Qmp) {
    this.#process = process;
    this.#qmp = qmp;
    process.stdout?.on('data', (data: Buffer) => (this.#console += data.toString()));
  }

  static async start(
    images: string,
    memoryMib: number,
    fill: { readonly mib: number; readonly after: number },
  ): Promise<RealGuest> {
    const directory = mkdtempSync(join(tmpdir(), 'calibrate-'));
    const socket = join(directory, 'qmp');
    const process = spawn('qemu-system-x86_64', [
      ...['-machine', 'q35', '-accel', 'tcg', '-smp', '1'],
      ...['-m', String(memoryMib), '-nodefaults', '-display', 'none', '-serial', 'stdio'],
      ...['-kernel', join(images, 'vmlinuz'), '-initrd', withFill(images, directory, fill)],
      ...['-append', 'console=ttyS0 quiet', '-device', 'virtio-balloon-pci,id=balloon0'],
      ...['-qmp', `unix:${socket},server=on,wait=off`],
    ]);
    let messages = '';
    process.stderr.on('data', (data: Buffer) => (messages += data.toString()));
    for (let tries = 0; !existsSync(socket) && tries < 100; tries++) await sleep(100);
    await sleep(500);
    if (process.exitCode !== null) throw new Error(`QEMU ended: ${messages}`);
    const guest = new RealGuest(process, await Qmp.open(socket));
    while (!guest.#console.includes('guest: ready')) await sleep(100);
    await guest.#qmp.call('qom-set', {
      path: '/machine/peripheral/balloon0',
      property: 'guest-stats-polling-interval',
      value: 1,
    });
    return guest;
  }

  /** What the balloon leaves, in KiB. */
  async current(): Promise<number> {
    const { actual } = (await this.#qmp.call('query-balloon')) as { actual: number };
    return actual / 1024;
  }

  async setTarget(kib: number): Promise<void> {
    await this.#qmp.call('balloon', { value: kib * 1024 });
  }

  /** The guest's newest statistics, in KiB; absent before the first report. */
  async report(): Promise<{ available: number; unused: number; usable: number } | undefined> {
    const found = (await this.#qmp.call('qom-get', {
      path: '/machine/peripheral/balloon0',
      property: 'guest-stats',
    })) as GuestStats;
    if (found['last-update'] === 0) return undefined;
    const kib = (name: string): number => (found.stats[name] ?? 0) / 1024;
    return {
      available: kib('stat-total-memory'),
      unused: kib('stat-free-memory'),
      usable: kib('stat-available-memory'),
    };
  }

  stop(): void {
    this.#process.kill('SIGKILL');
  }
}

/** Makes an initramfs whose guest fills memory, from that of the lab. */
function withFill(
  images: string,
  directory: string,
  { mib, after }: { mib: number; after: number },
): string {
  const image = join(directory, 'initramfs.gz');
  copyFileSync(join(images, 'initramfs.gz'), image);
  const script = `
    set -e; mkdir ${directory}/root; cd ${directory}/root
    zcat ${image} | cpio -idm --quiet
    sed -i 's|^while :; do|(sleep ${String(after)}; dd if=/dev/zero of=/hold/fill bs=1M count=${String(mib)} 2>/dev/null) \\&\\nwhile :; do|' init
    find . | cpio --quiet -o -H newc | gzip -1 >${image}`;
  const { status, stderr } = spawnSync('sh', ['-c', script], { encoding: 'utf8' });
  if (status !== 0) throw new Error(`the guest's image could not be changed: ${stderr}`);
  return image;
}

/** A connection to QEMU's monitor; one call at a time. */
class Qmp {
  readonly #socket: Socket;
  #text = '';
  #reply: ((value: { return?: unknown; error?: { desc: string } }) => void) | undefined;

  private constructor(socket: Socket) {
    this.#socket = socket;
    socket.on('data', (data) => {
      this.#text += data.toString();
      this.#read();
    });
  }

  static async open(path: string): Promise<Qmp> {
    const qmp = new Qmp(connect(path));
    await qmp.call('qmp_capabilities');
    return qmp;
  }

  async call(execute: string, args: object = {}): Promise<unknown> {
    const reply = await new Promise<{ return?: unknown; error?: { desc: string } }>((resolve) => {
      this.#reply = resolve;
      this.#socket.write(`${JSON.stringify({ execute, arguments: args })}\n`);
    });
    if (reply.error) throw new Error(reply.error.desc);
    return reply.return;
  }

  #read(): void {
    const lines = this.#text.split('\n');
    this.#text = lines.pop() ?? '';
    for (const line of lines) {
      const message = JSON.parse(line) as { return?: unknown; error?: { desc: string } };
      if ('return' in message || 'error' in message) this.#reply?.(message);
    }
  }
}

export const save = (file: string, value: unknown): void => {
  writeFileSync(file, `${JSON.stringify(value)}\n`);
};
