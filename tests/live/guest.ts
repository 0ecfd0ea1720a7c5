import { randomUUID } from 'node:crypto';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Typed } from '../../src/common/typed.ts';
import type balloonVerb from '../../schema/verbs/VM.getBalloonInfo.ts';
import type devicesVerb from '../../schema/verbs/VM.getMemoryDevices.ts';
import type jobVerb from '../../schema/verbs/VM.getMemoryJob.ts';
import type usageVerb from '../../schema/verbs/VM.getMemoryUsage.ts';
import type setTargetVerb from '../../schema/verbs/VM.setBalloonTarget.ts';
import type setMemoryVerb from '../../schema/verbs/VM.setMemory.ts';
import type { VmStats } from '../../schema/vmStats.ts';
import { prerequisite } from '../support/needs.ts';
import type { Notification, WsClient } from '../support/wsClient.ts';

type Stats = Typed<typeof VmStats>;
type Balloon = Typed<(typeof balloonVerb)['result']>;
type Usage = Typed<(typeof usageVerb)['result']>;
type TargetAnswer = Typed<(typeof setTargetVerb)['result']>;
type Job = Typed<(typeof jobVerb)['result']>;
type MemoryDevice = Typed<(typeof devicesVerb)['result']>[number];
/** Further params of VM.setMemory. */
interface Wishes {
  readonly guaranteed?: number;
  readonly wait?: boolean;
}
type Resizing = Typed<(typeof setMemoryVerb)['result']>;

/**
 * A guest's behaviour: `unwilling` never releases plugged memory, `idle` does not use it, `driverless` has no balloon
 * driver.
 */
type Temper = 'willing' | 'unwilling' | 'idle' | 'driverless';

const COMMAND_LINE = {
  willing: 'console=ttyS0 quiet movable_node',
  unwilling: 'console=ttyS0 quiet guest.online=kernel guest.hold=dirs vmemd.sim=refuses-unplug',
  idle: 'console=ttyS0 quiet guest.online=none vmemd.sim=no-online',
  driverless: 'console=ttyS0 quiet movable_node guest.balloon=off vmemd.sim=no-driver',
} as const;

/** Of a guest's devices, the one that statistics come from. */
export const BALLOON = { type: 'balloon', device: 'memballoon', model: 'virtio' };

/** Longer than a guest without KVM takes for any action on a busy machine. */
const PATIENCE_MS = 300_000;

/** Calls until the result fits; throws with the last result after the timeout. */
export async function eventually<T>(
  ask: () => Promise<T>,
  fits: (answer: T) => boolean,
): Promise<T> {
  const deadline = Date.now() + PATIENCE_MS;
  for (;;) {
    const answer = await ask();
    if (fits(answer)) return answer;
    if (Date.now() > deadline) {
      throw new Error(`waited in vain; the last answer was ${JSON.stringify(answer)}`);
    }
    await sleep(200);
  }
}

/** A VM of 512 MiB, 256 of them guaranteed, with room for 16 memory devices; sizes in KiB as clients see them. */
export class Guest {
  readonly id = randomUUID();
  readonly #folder: string;
  #client: WsClient;

  private constructor(client: WsClient, folder: string) {
    this.#client = client;
    this.#folder = folder;
  }

  /** Starts one with these parameters of VM.create in place of the usual ones. */
  static async create(
    client: WsClient,
    temper: Temper = 'willing',
    changes: object = {},
  ): Promise<Guest> {
    const guest = new Guest(client, await mkdtemp(join(tmpdir(), 'vmemd-guest-')));
    const image = resolve('/', prerequisite('VMEMD_TEST_GUEST'));
    await client.call('VM.create', {
      vmID: guest.id,
      vmParams: {
        vmId: guest.id,
        vmName: `live-${guest.id.slice(0, 8)}`,
        vmType: 'qemu',
        memSize: 512,
        memGuaranteedSize: 256,
        maxMemSize: 4096,
        maxMemSlots: 16,
        smp: 1,
        kernel: join(image, 'vmlinuz'),
        initrd: join(image, 'initramfs.gz'),
        kernelArgs: COMMAND_LINE[temper],
        serial: { type: 'file', path: guest.#console },
        devices: [BALLOON],
        ...changes,
      },
    });
    return guest;
  }

  get #console(): string {
    return join(this.#folder, 'console');
  }

  /** Continues through another connection, as after a restart of the daemon. */
  reconnect(client: WsClient): void {
    this.#client = client;
  }

  call(method: string, params: object = {}): Promise<unknown> {
    return this.#client.call(method, { vmID: this.id, ...params });
  }

  async stats(): Promise<Stats> {
    const [stats] = (await this.call('VM.getStats')) as [Stats];
    return stats;
  }

  /** Waits until the guest's own driver reports. */
  async booted(): Promise<void> {
    await eventually(
      () => this.stats(),
      ({ status, memoryStats }) => status === 'Up' && memoryStats?.mem_total !== undefined,
    );
  }

  /** Waits for a report that the guest's driver made well after this time, in milliseconds since 1970. */
  async reportsAfter(moment: number): Promise<void> {
    await eventually(
      () => this.balloon(),
      ({ last_update }) => Date.parse(last_update ?? '') > moment + 1000,
    );
  }

  async balloon(): Promise<Balloon> {
    return (await this.call('VM.getBalloonInfo')) as Balloon;
  }

  async usage(): Promise<Usage> {
    return (await this.call('VM.getMemoryUsage')) as Usage;
  }

  /** Waits until the guest's statistics have this freshness. */
  async statisticsAre(state: Usage['freshness']['state']): Promise<Usage> {
    return eventually(
      () => this.usage(),
      ({ freshness }) => freshness.state === state,
    );
  }

  async setTarget(target: number): Promise<TargetAnswer> {
    return (await this.call('VM.setBalloonTarget', { target })) as TargetAnswer;
  }

  async balloonReaches(size: number): Promise<void> {
    await eventually(
      () => this.balloon(),
      ({ balloon_cur }) => balloon_cur === String(size),
    );
  }

  /** The guest's own MemTotal in KiB, as its balloon driver reports it; NaN until it has. */
  async memTotal(): Promise<number> {
    return Number((await this.stats()).memoryStats?.mem_total);
  }

  /** The unused memory that the guest reports, in KiB. */
  async memUnused(): Promise<number> {
    return Number((await this.stats()).memoryStats?.mem_unused);
  }

  /** Waits until the guest's MemTotal lies within 1 MiB of `size` KiB. */
  async memTotalReaches(size: number): Promise<void> {
    await eventually(
      () => this.memTotal(),
      (total) => Math.abs(total - size) < 1024,
    );
  }

  /** All that the guest wrote to its serial console; a simulated guest has none. */
  console(): Promise<string> {
    return readFile(this.#console, 'utf8');
  }

  /** The MemTotal in KiB that the guest last printed on its console. */
  async consoleMemTotal(): Promise<number> {
    return Number(
      (await this.console())
        .match(/MemTotal (\d+) kB(?=\r?\n)/g)
        ?.at(-1)
        ?.match(/\d+/)?.[0],
    );
  }

  async xml(): Promise<string> {
    const xmls = await this.#client.call('Host.dumpxmls', { vmList: [this.id] });
    return (xmls as Record<string, string>)[this.id] ?? '';
  }

  /** Aliases of the plugged devices, in the XML's order. */
  async devices(): Promise<string[]> {
    const memory = (await this.xml()).match(/<memory model=.*?<\/memory>/gs) ?? [];
    return memory.map((one) => /<alias name=['"]([^'"]+)/.exec(one)?.[1] ?? '');
  }

  plug(size: number, memGuaranteedSize?: number): Promise<unknown> {
    const memory = { type: 'memory', device: 'memory', size, node: 0 };
    const guarantee = memGuaranteedSize === undefined ? {} : { memGuaranteedSize };
    return this.call('VM.hotplugMemory', { params: { vmId: this.id, memory, ...guarantee } });
  }

  unplug(alias: string, memGuaranteedSize?: number): Promise<unknown> {
    const memory = { type: 'memory', device: 'memory', alias };
    const guarantee = memGuaranteedSize === undefined ? {} : { memGuaranteedSize };
    return this.call('VM.hotunplugMemory', { params: { vmId: this.id, memory, ...guarantee } });
  }

  /** Calls VM.setMemory with this size, in MiB. */
  async setMemory(memory: number, wishes: Wishes = {}): Promise<Resizing> {
    return (await this.call('VM.setMemory', { memory, ...wishes })) as Resizing;
  }

  /** Returns the newest job, or the newest one of that device. */
  async job(alias?: string): Promise<Job> {
    return (await this.call('VM.getMemoryJob', alias === undefined ? {} : { alias })) as Job;
  }

  /** Waits until that job has this state. */
  async jobBecomes(state: Job['state'], alias?: string): Promise<Job> {
    return eventually(
      () => this.job(alias),
      (job) => job.state === state,
    );
  }

  /** The memory devices as clients see them, oldest first. */
  async memoryDevices(): Promise<readonly MemoryDevice[]> {
    return (await this.call('VM.getMemoryDevices')) as readonly MemoryDevice[];
  }

  /** Waits until its devices, oldest first, are in these states. */
  async devicesBecome(...states: readonly MemoryDevice['state'][]): Promise<void> {
    await eventually(
      () => this.memoryDevices(),
      (devices) => String(devices.map(({ state }) => state)) === String(states),
    );
  }

  /** Waits until clients see this status. */
  async becomes(status: Stats['status']): Promise<Stats> {
    return eventually(
      () => this.stats(),
      (stats) => stats.status === status,
    );
  }

  /** Waits for the event `|virt|VM_<kind>|<id>` whose content has these members. */
  notified(kind: 'status' | 'memory', content: object): Promise<Notification> {
    return this.#client.notified(({ method, params }) => {
      const told = params[this.id] as Record<string, unknown> | undefined;
      const fits = Object.entries(content).every(([name, value]) => told?.[name] === value);
      return method === `|virt|VM_${kind}|${this.id}` && fits;
    });
  }

  /** Removes the VM if it is still there, and its files. */
  async dispose(): Promise<void> {
    await this.call('VM.destroy').catch(() => undefined);
    await rm(this.#folder, { recursive: true, force: true });
  }
}
