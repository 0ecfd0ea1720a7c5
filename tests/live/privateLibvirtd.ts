import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);
const script = join(import.meta.dirname, '../../lab/libvirtd.sh');

const pidIn = async (file: string): Promise<number> => Number(await readFile(file, 'utf8'));

/** A libvirtd of the suite's own, which it may restart. */
export class PrivateLibvirtd {
  readonly uri: string;
  readonly #folder: string;

  private constructor(folder: string, socket: string) {
    this.#folder = folder;
    this.uri = `qemu:///system?socket=${socket}`;
  }

  static async start(): Promise<PrivateLibvirtd> {
    const folder = await mkdtemp(join(tmpdir(), 'libvirtd-'));
    const { stdout } = await run(script, ['start', folder]);
    return new PrivateLibvirtd(folder, stdout.trim());
  }

  /** Restarts it; its guests keep running. */
  async restart(): Promise<void> {
    await run(script, ['restart', this.#folder]);
  }

  /** Starts it again after `signal` has ended it. */
  async start(): Promise<void> {
    await run(script, ['start', this.#folder]);
  }

  /** Sends it a signal; its guests do not get it. */
  async signal(signal: NodeJS.Signals): Promise<void> {
    process.kill(await pidIn(join(this.#folder, 'libvirtd.pid')), signal);
  }

  /** Sends a signal to the QEMU of the running domain of this name. */
  async signalQemu(name: string, signal: NodeJS.Signals): Promise<void> {
    process.kill(await pidIn(join(this.#folder, 'run/qemu', `${name}.pid`)), signal);
  }

  /** Ends it and its guests; `restart` starts it again. */
  async end(): Promise<void> {
    await run(script, ['stop', this.#folder]);
  }

  async stop(): Promise<void> {
    await this.end();
    await rm(this.#folder, { recursive: true, force: true });
  }

  /** Plugs a DIMM as another program; `content` is that of its `<memory>`. */
  async attach(domain: string, content: string): Promise<void> {
    const file = join(this.#folder, 'device.xml');
    await writeFile(file, `<memory model='dimm'>${content}</memory>`);
    await this.virsh('attach-device', domain, file, '--live');
  }

  /** Returns what virsh prints, without surrounding blank lines. */
  async virsh(...args: string[]): Promise<string> {
    const { stdout } = await run('virsh', ['--quiet', '--connect', this.uri, ...args]);
    return stdout.trim();
  }
}
