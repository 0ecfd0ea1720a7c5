import { execFile } from 'node:child_process';
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import { expect } from '@jest/globals';
import { errors } from '../../../src/common/errors.ts';
import { Asker } from '../asker.ts';
import { Daemon } from '../daemon.ts';
import { random } from '../form.ts';
import { Proxy } from './proxy.ts';
import { Subject } from './subject.ts';
import { TestDriver } from './testDriver.ts';

const run = promisify(execFile);
const script = join(import.meta.dirname, '../../../lab/libvirtd.sh');

const SUBJECTS = 6;
/** What only a bug answers. */
const [INTERNAL] = errors.InternalError;
const CODES = new Set<number>(Object.values(errors).map(([code]) => code));
const READS = ['Host.getAllVmStats', 'Host.getVMList', 'Host.getOverview', 'Host.getStats'];
const PAGES = ['/metrics', '/api/vms'];
/** How long a client waits after an answer, so that there are calls at any time and not only lost ones. */
const PAUSE_MS = 5;
const PATIENCE_MS = 120_000;

const MORE = `reservations_path = none
[vars]
vm_command_timeout = 4
[policy]
state_path = none
`;

/** How often requests were answered with each code. */
type Codes = Map<number, number>;

/** vmemd before a real libvirtd with VMs of its test driver, and a proxy between them. */
export class WireStage {
  readonly proxy: Proxy;
  readonly daemon: Daemon;
  readonly #driver: TestDriver;
  readonly #folder: string;
  readonly #subjects: readonly Subject[];

  private constructor(parts: { proxy: Proxy; daemon: Daemon; driver: TestDriver; folder: string }) {
    this.proxy = parts.proxy;
    this.daemon = parts.daemon;
    this.#driver = parts.driver;
    this.#folder = parts.folder;
    this.#subjects = Array.from({ length: SUBJECTS }, (_, n) => new Subject(n + 1, random(n)));
  }

  /** `before`: shell commands that run in vmemd's process before it starts. */
  static async open(before = ''): Promise<WireStage> {
    // sockets have short names only
    const folder = await mkdtemp('/tmp/fault-');
    const { stdout } = await run(script, ['start', join(folder, 'l')]);
    const driver = await TestDriver.open(stdout.trim());
    const proxy = await Proxy.start(join(folder, 'sock'), stdout.trim());
    const uri = `test:///default?socket=${proxy.path}`;
    const daemon = await Daemon.start({ uri, more: MORE, before });
    await daemon.serving();
    const stage = new WireStage({ proxy, daemon, driver, folder });
    const asker = await Asker.connect(daemon.url);
    for (const { id, xml } of stage.#subjects) {
      await asker.result('VM.create', { vmID: id, vmParams: { xml } });
    }
    await asker.close();
    return stage;
  }

  async close(): Promise<void> {
    expect(await this.daemon.end()).toBe(0);
    await this.proxy.stop();
    await this.#driver.close();
    await run(script, ['stop', join(this.#folder, 'l')]);
    await rm(this.#folder, { recursive: true, force: true });
  }

  /** How many files and sockets vmemd has open. */
  async openFiles(): Promise<number> {
    return (await readdir(`/proc/${String(this.daemon.pid)}/fd`)).length;
  }

  /** Lets clients change and read VMs for so long, and checks that each request has one answer of a known code. */
  async play(seconds: number, seed: number): Promise<Codes> {
    const codes: Codes = new Map();
    const end = performance.now() + seconds * 1000;
    const draw = random(seed);
    const one = <T>(list: readonly T[]): T => list[Math.floor(draw() * list.length)] as T;
    const play = async (next: (asker: Asker) => Promise<number>) => {
      const asker = await Asker.connect(this.daemon.url);
      while (performance.now() < end) {
        const code = await next(asker);
        codes.set(code, (codes.get(code) ?? 0) + 1);
        await sleep(PAUSE_MS);
      }
      expect(asker.miscounted).toEqual([]);
      await asker.close();
    };
    await Promise.all([
      ...this.#subjects.map((each) => play(async (asker) => (await each.change(asker)).code)),
      play(async (asker) => (await asker.ask(one(READS))).code),
      play(async () => {
        await this.daemon.page(one(PAGES));
        return 0;
      }),
    ]);
    const strange = [...codes.keys()].filter((code) => code !== 0 && !CODES.has(code));
    expect([...strange, ...(codes.has(INTERNAL) ? [INTERNAL] : [])]).toEqual([]);
    expect(this.daemon.bugs).toEqual([]);
    return codes;
  }

  /** Waits until vmemd shows the settings that the host has. */
  async agreed(): Promise<void> {
    await this.daemon.serving();
    const asker = await Asker.connect(this.daemon.url);
    const end = performance.now() + PATIENCE_MS;
    for (;;) {
      const there = await this.#onHost();
      const shown = await Promise.all(this.#subjects.map(({ id }) => shownOf(asker, id)));
      const isSame = JSON.stringify(shown) === JSON.stringify(there);
      if (!isSame && performance.now() < end) {
        await sleep(100);
        continue;
      }
      await asker.close();
      expect(shown).toEqual(there);
      expect(this.daemon.bugs).toEqual([]);
      return;
    }
  }

  /** Returns what the host has that no request has set, or that a later accepted one has replaced. */
  async impossible(): Promise<readonly string[]> {
    const there = await this.#onHost();
    return this.#subjects.flatMap((subject, n) => subject.impossible(there[n] ?? {}));
  }

  #onHost() {
    return Promise.all(this.#subjects.map(({ id }) => this.#driver.settings(id)));
  }
}

async function shownOf(asker: Asker, id: string) {
  const { result } = await asker.ask('VM.getBalloonInfo', { vmID: id });
  const info = (result ?? {}) as Readonly<Record<string, unknown>>;
  return {
    target: String(info['balloon_target']),
    guaranteed: String(Number(info['guaranteed_kib']) / 1024),
    period: String(info['stats_period_s']),
  };
}
