import type { Logger } from 'pino';
import type { Cancel, Clock } from '../../common/clock.ts';
import { wallMilliseconds } from '../../common/time.ts';
import { KiB, Milliseconds } from '../../common/units.ts';
import type { Hypervisor } from '../../host/hypervisor.ts';
import type { Registry } from '../../vm/registry/registry.ts';
import type { Vm } from '../../vm/vm.ts';
import type { Exemption } from '../decide/round/round.ts';
import type { FiguresParts } from './figures.ts';
import { exemptionOf } from './guestFigures.ts';
import { type Client, MomWatch, type MomWatchParts } from './momWatch.ts';
import { Moves } from './moves.ts';
import { Pins } from './pins.ts';
import { Rhythm } from './rhythm.ts';
import type { Asked, PolicyRound } from './round.ts';
import { RoundLog } from './roundLog.ts';
import { Rounds } from './rounds.ts';
import { Sender } from './sender.ts';
import {
  changed,
  type Configured,
  type EngineWish,
  type PolicyChange,
  type PolicySettings,
  wishedByEngine,
} from './settings.ts';

export interface PolicyLoopParts {
  readonly vms: Pick<Registry, 'list' | 'find'>;
  readonly hypervisor: Pick<Hypervisor, 'isConnected' | 'isReadOnly' | 'isMoving'>;
  readonly host: FiguresParts['host'] & { watchStall(listener: () => void): Cancel };
  readonly mom: MomWatchParts['mom'];
  /** Returns what is reserved of the host's memory and not yet used. */
  readonly held?: () => KiB;
  /** Whether a balloon is moved for a reservation, and is left to that. */
  readonly isReserving?: (id: string) => boolean;
  readonly clock: Clock;
  readonly log: Logger;
  readonly interval: Milliseconds;
  /** How long a target of a client is left alone. */
  readonly pinTime: Milliseconds;
  readonly configured: Configured;
  /** What holds at the start. */
  readonly settings: PolicySettings;
  /** Saves settings for the next start; must not reject. */
  readonly keep?: (settings: PolicySettings) => Promise<void>;
}

/** How long a round waits for answers at most, so that the next one is not late. */
const PATIENCE = Milliseconds(2000);

/** Decides in rounds what each balloon is to leave, and sends it. */
export class PolicyLoop {
  readonly #parts: PolicyLoopParts;
  readonly #listeners = new Set<(round: PolicyRound) => void>();
  readonly #pins: Pins;
  readonly #momWatch: MomWatch;
  readonly #moves: Moves;
  readonly #sender: Sender;
  readonly #rounds: Rounds;
  readonly #rhythm: Rhythm;
  readonly #roundLog: RoundLog;
  #settings: PolicySettings;
  #last: PolicyRound | undefined;

  constructor(parts: PolicyLoopParts) {
    const { clock, log, interval, host, vms, held = () => KiB(0) } = parts;
    this.#parts = parts;
    this.#settings = parts.settings;
    this.#pins = new Pins(parts.pinTime);
    this.#momWatch = new MomWatch(parts);
    this.#moves = new Moves(parts.hypervisor);
    this.#roundLog = new RoundLog({ clock, log, nameOf: (id) => vms.find(id)?.domain.name });
    this.#sender = new Sender({ clock, log, patience: Milliseconds(Math.min(PATIENCE, interval)) });
    this.#rounds = new Rounds({
      ...parts,
      held,
      sender: this.#sender,
      moves: this.#moves,
      exemptionOf: (vm) => this.#exemptionOf(vm),
      parameters: () => this.#settings.parameters,
      mayAct: () => this.#rhythm.isOn && this.#settings.mode === 'act' && !this.obstacle,
      onRound: (round) => {
        this.#publish(round);
      },
    });
    this.#rhythm = new Rhythm({
      clock,
      log,
      interval,
      watchStall: (listener) => host.watchStall(listener),
      hold: async (cause) => {
        await this.#momWatch.look();
        if (this.#settings.mode === 'act') this.#momWatch.report();
        if (this.#rhythm.isOn) await this.#rounds.hold(cause);
      },
    });
    this.#rhythm.turn(this.#settings.mode !== 'off');
  }

  get settings(): PolicySettings {
    return this.#settings;
  }

  /** Why targets are not sent although the mode is `act`, as a text for users; undefined if they are. */
  get obstacle(): string | undefined {
    return this.#parts.hypervisor.isReadOnly ?
        'this vmemd runs read-only, and changes no VM'
      : this.#momWatch.obstacle;
  }

  /** The last round; undefined before the first. */
  get last(): PolicyRound | undefined {
    return this.#last;
  }

  /** What each VM was last asked for, by its id. */
  get asked(): ReadonlyMap<string, Asked> {
    return this.#sender.asked;
  }

  /** Returns until when a VM is left to the client that has set its target, in milliseconds since 1970. */
  pinnedUntil(vm: Vm): Milliseconds | undefined {
    return this.#pins.pinnedUntil(vm, this.#now);
  }

  /** Calls `listener` with each round at its end, when what it sent is answered or has waited too long. */
  listen(listener: (round: PolicyRound) => void): Cancel {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** Holds rounds from now on, unless the policy is off; the VMs have to be known. */
  start(): void {
    this.#rhythm.start();
  }

  /** Holds no more rounds and sends nothing more; fulfils when what was sent is answered, or has had time to be. */
  async stop(): Promise<void> {
    this.#rhythm.stop();
    await this.#sender.stop();
  }

  /** Changes how the policy runs, and saves it for the next start. Throws LineError for an invalid parameter. */
  async setPolicy(change: PolicyChange): Promise<PolicySettings> {
    return this.#become(changed(this.#settings, change, this.#parts.configured, this.#now));
  }

  /** Does what the engine wishes of a host without MoM, and saves it for the next start. */
  async setEngineWish(wish: EngineWish): Promise<PolicySettings> {
    return this.#become(wishedByEngine(this.#settings, wish, this.#parts.configured, this.#now));
  }

  /** Records that a client has read the statistics of all VMs, as MoM does in each of its rounds. */
  noteStatistics(client: Client): void {
    this.#momWatch.sawStatistics(client);
  }

  /** Records that a client has set a target: the VM is left to it for a time. */
  noteTarget(client: Client, vmId: string): void {
    const byMom = this.#momWatch.sawTarget(client, vmId);
    this.#pins.note(vmId, { at: this.#now, byMom });
  }

  /** Decides on present figures; sends nothing, and the next round does not remember it. Throws HypervisorError. */
  runNow(): Promise<PolicyRound> {
    return this.#rounds.preview();
  }

  get #now(): Milliseconds {
    return wallMilliseconds(this.#parts.clock);
  }

  async #become(settings: PolicySettings): Promise<PolicySettings> {
    const before = this.#settings;
    if (settings === before) return settings;
    this.#settings = settings;
    if (settings.mode === 'off' || settings.algorithm !== before.algorithm) this.#rounds.forget();
    this.#rhythm.turn(settings.mode !== 'off');
    await this.#parts.keep?.(settings);
    return settings;
  }

  #exemptionOf(vm: Vm): Exemption | undefined {
    const exemption = exemptionOf(vm);
    // What the policy itself has sent does not make it wait.
    if (exemption !== undefined && !(exemption === 'busy' && this.#sender.isPending(vm.id))) {
      return exemption;
    }
    if (this.#parts.isReserving?.(vm.id)) return 'reserving';
    if (this.#moves.has(vm.id)) return 'migrating';
    return this.#pins.isPinned(vm, this.#now) ? 'pinned' : undefined;
  }

  #publish(round: PolicyRound): void {
    this.#last = round;
    this.#roundLog.write(round);
    for (const listener of this.#listeners) listener(round);
  }
}
