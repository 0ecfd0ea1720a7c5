import { VdsmError } from '../../../src/common/errors.ts';
import { Milliseconds } from '../../../src/common/units.ts';
import { idOf, parameters, World } from '../../support/world.ts';
import { Client } from './client.ts';
import { Narrative } from './narrative.ts';
import { OtherPrograms } from './otherPrograms.ts';
import type { Foreign, Mishap, Setting, Step } from './steps.ts';
import { Troubles } from './troubles.ts';
import { Truth } from './truth.ts';
import { type Job, jobOf, type View, viewOf } from './view.ts';

export const vmID = idOf(1);
const SAMPLING = 5000;
/** Of one operation. */
const TIMEOUT_S = 10;
const UNPLUG = Milliseconds(10_000);
/** The longest time that a hypervisor waits for a guest, while other operations wait. */
const DETACHING = 5000;
const RECOVERY = Milliseconds(5000);
const ONLINE = Milliseconds(10_000);
/** The hypervisor's operations that wait for the guest. */
const ASKING = ['attachDevice', 'detachDevice', 'requestDeviceMemory'];

interface Call {
  readonly method: string;
  isOver: boolean;
}

/** One VM, the events around it, and the checks of what clients see. */
export class Play {
  readonly world: World;
  readonly truth: Truth;
  readonly narrative: Narrative;
  readonly complaints: string[] = [];
  readonly troubles: Troubles;
  readonly #others: OtherPrograms;
  /** Whether the guest may have brought memory online. */
  canOnline: boolean;
  #client: Client | undefined;
  #actedAt = 0;
  #calls: Call[] = [];
  #sampledAt = 0;
  /** Whether vmemd has been killed and not started again. */
  #isAway = false;
  /** Whether vmemd is to be killed at a call to come. */
  #isAimed = false;

  private constructor(world: World, narrative: Narrative, truth: Truth, canOnline: boolean) {
    this.world = world;
    this.canOnline = canOnline;
    this.narrative = narrative;
    this.truth = truth;
    this.troubles = new Troubles(world, vmID);
    this.#others = new OtherPrograms(world, vmID);
  }

  static async begin(setting: Setting): Promise<Play> {
    const { seed, behaviour, virtioMem, attempts, autodeflate } = setting;
    const heard: { play?: Play } = {};
    const world = await World.open({
      seed,
      timeoutS: TIMEOUT_S,
      build: { autodeflate },
      hotplugTimeouts: { unplugTimeout: UNPLUG, unplugAttempts: attempts, onlineTimeout: ONLINE },
      hear: ({ params }) => {
        heard.play?.narrative.hear(params[vmID] ?? {}, world.clock.now());
      },
    });
    const truth = new Truth(world, vmID);
    const narrative = new Narrative(world, truth);
    const play = new Play(world, narrative, truth, !behaviour.includes('no-online'));
    heard.play = play;
    const vmParams = parameters(1, {
      kernel: '/boot/vmlinuz',
      kernelArgs: `vmemd.sim=${behaviour.join(',')}`,
      ...(virtioMem && {
        devices: [{ type: 'memory', device: 'memory', model: 'virtio-mem', specParams: virtioMem }],
      }),
    });
    await world.call('VM.create', { vmID, vmParams });
    await play.pass(11_000);
    for (const blocks of setting.devices) await world.plug(vmID, blocks * 128);
    narrative.begin(await play.#aliases());
    play.#client = await Client.of(play);
    return play;
  }

  get client(): Client {
    if (!this.#client) throw new Error('the VM is not there yet');
    return this.#client;
  }

  /** What clients see; undefined while vmemd does not know the VM. */
  view(): Promise<View | undefined> {
    return viewOf(this.world, vmID);
  }

  /** The jobs that vmemd knows of those that were published, and its newest one; oldest first. */
  async jobs(): Promise<readonly Job[]> {
    const newest = await jobOf(this.world, vmID);
    const ids = new Set([...this.narrative.jobs.keys(), ...(newest ? [newest.job_id] : [])]);
    const jobs = await Promise.all([...ids].map((id) => jobOf(this.world, vmID, id)));
    return jobs
      .filter((job) => job !== undefined)
      .sort((one, other) => Date.parse(one.started) - Date.parse(other.started));
  }

  get isConnected(): boolean {
    return this.world.host.isConnected;
  }

  /** Whether no operation runs, and there was no fault for so long that vmemd has recovered. */
  async isQuiet(): Promise<boolean> {
    const { clock, calledAt } = this.world;
    const askedAt = ASKING.map((name) => calledAt.get(name) ?? 0);
    const isIdle = clock.now() - Math.max(this.#actedAt, ...askedAt) > DETACHING;
    if (!this.troubles.areOver || this.openCalls.length > 0) return false;
    return isIdle || (await this.jobsRun()) === 0;
  }

  get openCalls(): readonly string[] {
    return this.#calls.filter(({ isOver }) => !isOver).map(({ method }) => method);
  }

  async take({ what, ms }: Step): Promise<void> {
    this.#actedAt = this.world.clock.now();
    if (this.world.isDead) await this.restart();
    await this.#perform(what);
    await this.pass(ms);
  }

  /** Advances time, with the samples of vmemd. */
  async pass(ms: number): Promise<void> {
    const { clock } = this.world;
    const end = clock.now() + ms;
    for (;;) {
      const next = Math.min(end, this.#sampledAt + SAMPLING);
      await clock.advance(Milliseconds(Math.max(0, next - clock.now())));
      if (clock.now() < this.#sampledAt + SAMPLING) return;
      this.#sampledAt = clock.now();
      if (!this.#isAway) void this.world.vms.sample().catch(() => undefined);
      this.#others.sample();
    }
  }

  /** Ends all faults, and waits until every operation has had the time to end. */
  async settle(patience: number): Promise<void> {
    if (this.#isAimed || this.world.isDead) await this.restart();
    await this.#mend();
    await this.world.host.resumeDomain(vmID).catch(() => undefined);
    await this.pass(patience);
  }

  /** Kills vmemd and starts it again, at once or after a pause with other steps. */
  async restart(seconds = 0, meanwhile?: Foreign): Promise<void> {
    this.#isAway = true;
    this.#isAimed = false;
    this.world.kill();
    if (meanwhile) await this.#act(meanwhile);
    await this.pass(seconds * 1000);
    this.#calls = [];
    if (!this.isConnected) await this.#mend();
    this.narrative.begin(await this.#aliases(), this.troubles.isForgetful);
    this.#isAway = false;
    void this.#start(this.world.restart());
    await this.pass(0);
    if (!(await this.view())) this.narrative.lose();
  }

  /** Retries until the VMs can be read, as vmemd does. */
  async #start(attempt: Promise<void>): Promise<void> {
    const { world } = this;
    const { vms } = world;
    await attempt.catch(async () => {
      await new Promise<void>((go) => world.clock.after(RECOVERY, go));
      if (world.vms === vms) await this.#start(vms.start());
    });
  }

  /** Sends a client's request; records a complaint for an error that the contract does not allow. */
  ask(method: string, params: object): Promise<unknown> {
    const call: Call = { method, isOver: false };
    this.#calls.push(call);
    return this.world
      .call(method, { vmID, ...params })
      .catch((error: unknown) => {
        if (error instanceof VdsmError) return undefined;
        this.complaints.push(`${method} threw ${String(error)}`);
        return undefined;
      })
      .finally(() => {
        call.isOver = true;
      });
  }

  async #befall(what: Mishap): Promise<void> {
    const { world, troubles } = this;
    switch (what.kind) {
      case 'restart':
        return this.restart();
      case 'away':
        return this.restart(what.seconds, what.meanwhile);
      case 'foreign':
      case 'read':
      case 'write back':
      case 'other':
        return this.#byOthers(what);
      case 'killed':
        this.#isAimed = true;
        world.killAt(what.point);
        return;
      case 'guest':
      case 'reboot':
      case 'save':
        return this.#byGuest(what);
      case 'mend':
        return this.#mend();
      default:
        troubles.begin(what);
    }
  }

  async #byGuest(what: Extract<Mishap, { kind: 'guest' | 'reboot' | 'save' }>): Promise<void> {
    const guest = this.world.host.guest(vmID);
    switch (what.kind) {
      case 'guest':
        this.canOnline ||= what.change.onlines === true;
        guest.setBehaviour(what.change);
        return;
      case 'reboot':
        this.canOnline = true;
        guest.rebootFromInside();
        return;
      case 'save':
        return this.#save(what.seconds);
    }
  }

  async #mend(): Promise<void> {
    this.troubles.end();
    await this.truth.look();
  }

  #perform(what: Step['what']): Promise<void> {
    switch (what.kind) {
      case 'nothing':
        return Promise.resolve();
      case 'plug':
      case 'unplug':
      case 'resize':
      case 'guarantee':
      case 'target':
      case 'period':
      case 'pause':
      case 'cont':
      case 'reset':
        void this.client.wish(what);
        return Promise.resolve();
      default:
        return this.#befall(what);
    }
  }

  /** The number of running jobs. */
  async jobsRun(): Promise<number> {
    return (await this.jobs()).filter(({ state }) => state === 'running').length;
  }

  async #byOthers(what: Extract<Mishap, { kind: 'foreign' | 'read' | 'write back' | 'other' }>) {
    if (!this.isConnected) return;
    switch (what.kind) {
      case 'foreign':
        return this.#act(what.what);
      case 'read':
        return this.#others.read();
      case 'write back':
        return this.#writeBack();
      case 'other':
        void this.#others.ask(what.wish, this.client);
    }
  }

  async #act(what: Foreign): Promise<void> {
    if (!this.troubles.isHanging) await this.#others.act(what, this.client);
  }

  /** Metadata that are written back while vmemd cannot see it are lost. */
  async #writeBack(): Promise<void> {
    if (!this.#isAimed && (await this.isQuiet())) await this.#others.writeBack();
  }

  async #save(seconds: number): Promise<void> {
    const restore = this.world.host.guest(vmID).save();
    await this.pass(seconds * 1000);
    restore();
    await this.pass(0);
  }

  async #aliases(): Promise<readonly string[]> {
    const { devices } = await this.truth.look();
    return devices.map(({ alias }) => alias);
  }
}
