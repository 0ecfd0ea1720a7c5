import { isDeepStrictEqual } from 'node:util';
import type { Logger } from 'pino';
import { areComparable, type Changed, stateOf } from '../api/changes.ts';
import type { Noted, RequestContext, Services, State } from '../api/context.ts';
import type { Clock } from '../common/clock.ts';
import { wallMilliseconds } from '../common/time.ts';
import { omitUndefined } from '../common/omitUndefined.ts';
import { sampledLog } from './sampledLog.ts';
import { type Ending, isRefused, memberOf, outcomeText, reasonOf } from './auditOutcome.ts';
import { trailEntry } from './trailEntry.ts';
import { brief } from './brief.ts';

/** Returns the log for lines of a level. */
export type AuditLog = (level: 'info' | 'warn') => Logger;

/**
 * Returns the log of changes. It keeps its present level, so that a client cannot silence what it changes. Of refused
 * requests, of which a client may send any number, it has samples.
 */
export function auditLog(log: Logger, clock: Clock): AuditLog {
  const configured = log.child({});
  // a child has a level of its own only once it is set
  configured.level = log.level;
  const sampled = new Map([configured, log].map((each) => [each, sampledLog(each, clock)]));
  return (level) => {
    const chosen = configured.isLevelEnabled(level) ? configured : log;
    return (level === 'warn' ? sampled.get(chosen) : undefined) ?? chosen;
  };
}

type Vm = ReturnType<Services['vms']['get']>;

export interface AuditOptions {
  readonly method: string;
  readonly changes: readonly Changed[];
  readonly services: Services;
  readonly log: AuditLog;
  readonly clock: Clock;
  /** The changes whose line is not written yet. */
  readonly running: Set<AuditEntry>;
}

/** What is written about one request that changes something: who, what, and the values before and after. */
export class AuditEntry {
  readonly #options: AuditOptions;
  readonly #context: RequestContext;
  readonly #user: Promise<string | undefined> | undefined;
  #params: unknown;
  #vm: Vm | undefined;
  #before: State | undefined;
  #noted: Noted = {};

  /** `params` are those of the client, until {@link begin} gives the accepted ones. */
  constructor(context: RequestContext, params: unknown, options: AuditOptions) {
    this.#options = options;
    this.#context = context;
    this.#params = params;
    options.running.add(this);
    // asked at once: a client may disconnect before its request ends
    this.#user = context.peer.user?.();
  }

  /** Records what the request will change, immediately before it does. */
  begin(params: object): void {
    this.#params = params;
    this.#vm = this.#findVm();
    this.#before = this.#state();
  }

  /** Adds values that only the handler knows. */
  note(values: Noted): void {
    this.#noted = { ...this.#noted, ...values };
  }

  /** Writes the line, once: at info, for a refused or failed request as a warning. Never rejects. */
  async end(end: Pick<Ending, 'error' | 'result'>): Promise<void> {
    const { log, running } = this.#options;
    if (!running.delete(this)) return;
    try {
      await this.#write(end);
    } catch (err) {
      log('warn').error({ event: 'bug', err }, 'a change could not be written to the log');
    }
  }

  async #write({ error, result }: Pick<Ending, 'error' | 'result'>): Promise<void> {
    const { log, method, services, clock } = this.#options;
    const { peer, flowId } = this.#context;
    // a VM that is created has its name only now, and one that is destroyed had it only before
    const vm = (this.#vm ??= this.#findVm());
    const { before, after, isSame } = this.#compared();
    const isDryRun = valueIn(this.#params, 'dryRun') === true;
    const ending = { error, result, isSame, isDryRun, job: error ? undefined : this.#runningJob() };
    const line = omitUndefined({
      event: 'audit',
      verb: method,
      vmId: this.#vmId,
      vmName: vm?.domain.name,
      params: brief(this.#taken),
      address: peer.address,
      certificate: peer.certificate,
      user: await this.#user,
      transport: peer.transport,
      flow_id: flowId,
      code: error?.code ?? 0,
      reason: reasonOf(ending),
      dry_run: isDryRun || undefined,
      no_change: (!error && isSame) || undefined,
      pending: ending.job !== undefined || undefined,
      before,
      after,
    });
    const level = isRefused(ending) ? 'warn' : 'info';
    log(level)[level](line, `${method}: ${outcomeText(ending)}`);
    services.trail.add(trailEntry(line, ending, wallMilliseconds(clock)));
  }

  /** The params, with the defaults that only the handler knows. */
  get #taken(): unknown {
    const { taken } = this.#noted;
    return taken ? { ...(this.#params as object), ...taken } : this.#params;
  }

  /** The memory job that this request has begun and the guest has not completed. */
  #runningJob(): string | undefined {
    if (!this.#vm || !this.#options.changes.includes('memory_job')) return undefined;
    const { operations, openSteps } = this.#vm.operations;
    const id = operations.at(-1)?.id;
    const isOpen = openSteps.some(({ operation }) => operation.id === id);
    return isOpen && id !== this.#before?.['memory_job'] ? id : undefined;
  }

  /** The values before and after; none if the request was refused before it began. */
  #compared() {
    if (!this.#before) return { before: undefined, after: undefined, isSame: false };
    const before = { ...this.#before, ...this.#noted.before };
    const after = { ...this.#state(), ...this.#noted.after };
    const isSame = areComparable(this.#options.changes, before) && isDeepStrictEqual(before, after);
    return { before, after, isSame };
  }

  #findVm(): Vm | undefined {
    const id = this.#vmId;
    const { vms } = this.#options.services;
    return id === undefined ? undefined : vms.find(id);
  }

  get #vmId(): string | undefined {
    if (!this.#options.method.startsWith('VM.')) return undefined;
    const id = valueIn(this.#params, 'vmID');
    return typeof id === 'string' ? id.slice(0, 100).toLowerCase() : undefined;
  }

  #state(): State {
    const { changes, services } = this.#options;
    return stateOf(changes, this.#findVm(), services);
  }
}

/** The member of that name; of params by position, the first is a VM's id. */
function valueIn(params: unknown, name: string): unknown {
  if (Array.isArray(params)) return name === 'vmID' ? (params[0] as unknown) : undefined;
  return memberOf(params, name);
}
