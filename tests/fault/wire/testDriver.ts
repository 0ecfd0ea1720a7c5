import { execFile, spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { promisify } from 'node:util';

const run = promisify(execFile);

/** As texts; sizes in KiB, the guarantee in MiB, the period in seconds. */
export interface Settings {
  readonly target: string;
  readonly guaranteed: string;
  readonly period: string;
}

/** libvirt's test driver in a daemon, as another client sees it. */
export class TestDriver {
  readonly #uri: string;
  /** Its domains end with its last connection. */
  readonly #keeper: ChildProcess;

  private constructor(uri: string, keeper: ChildProcess) {
    this.#uri = uri;
    this.#keeper = keeper;
  }

  /** Connects to the daemon at `socket`, and stays connected. */
  static async open(socket: string): Promise<TestDriver> {
    const uri = `test+unix:///default?socket=${socket}`;
    const keeper = spawn('virsh', ['--connect', uri, 'event', '--loop', '--all'], {
      stdio: ['pipe', 'ignore', 'ignore'],
    });
    const driver = new TestDriver(uri, keeper);
    await driver.#virsh('list');
    return driver;
  }

  /** What a domain's metadata and devices say of its settings. */
  async settings(id: string): Promise<Settings> {
    const xml = await this.#virsh('dumpxml', id);
    const valueOf = (element: string): string | undefined =>
      new RegExp(`<ovirt-vm:${element}[^>]*>([^<]*)<`).exec(xml)?.[1];
    return {
      target: valueOf('balloonTarget') ?? /<memory[^>]*>(\d+)</.exec(xml)?.[1] ?? 'none',
      guaranteed: valueOf('memGuaranteedSize') ?? valueOf('minGuaranteedMemoryMb') ?? 'none',
      period: /<stats period='(\d+)'/.exec(xml)?.[1] ?? 'none',
    };
  }

  async close(): Promise<void> {
    this.#keeper.kill();
    await once(this.#keeper, 'exit');
  }

  async #virsh(...args: string[]): Promise<string> {
    const { stdout } = await run('virsh', ['--quiet', '--connect', this.#uri, ...args]);
    return stdout;
  }
}
