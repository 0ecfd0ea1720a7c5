import { isDeepStrictEqual } from 'node:util';
import type { Logger } from 'pino';
import { areComparable, type Changed, stateOf } from '../api/changes.ts';
import type { Noted, RequestContext, Services, State } from '../api/context.ts';
import type { Clock } from '../common/clock.ts';
import type { VdsmError } from '../common/errors.ts';
import { omitUndefined } from '../common/omitUndefined.ts';
import { sampledLog } from './sampledLog.ts';
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
}

/** What is written about one request that changes something: who, what, and the values before and after. */
export class AuditEntry {
  readonly #options: AuditOptions;
  readonly #context: RequestContext;
  readonly #user: Promise<string | undefined> | undefined;
  #params: unknown;
  #vm: Vm | undefined;
  #before: State | undefined;
  #noted: Noted = { before: {}, after: {} };

  /** `params` are those of the client, until {@link begin} gives the accepted ones. */
  constructor(context: RequestContext, params: unknown, options: AuditOptions) {
    this.#options = options;
    this.#context = context;
    this.#params = params;
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
    this.#noted = values;
  }

  /** Writes the line: at info, for a refused or failed request as a warning. Never rejects. */
  async end(error?: VdsmError): Promise<void> {
    const { log } = this.#options;
    try {
      await this.#write(error);
    } catch (err) {
      log('warn').error({ event: 'bug', err }, 'a change could not be written to the log');
    }
  }

  async #write(error: VdsmError | undefined): Promise<void> {
    const { log, method } = this.#options;
    const { peer, flowId } = this.#context;
    // a VM that is created has its name only now, and one that is destroyed had it only before
    const vm = (this.#vm ??= this.#findVm());
    const { before, after, isSame } = this.#compared();
    const isDryRun = valueIn(this.#params, 'dryRun') === true;
    const line = omitUndefined({
      event: 'audit',
      verb: method,
      vmId: this.#vmId,
      vmName: vm?.domain.name,
      params: brief(this.#params),
      address: peer.address,
      certificate: peer.certificate,
      user: await this.#user,
      transport: peer.transport,
      flow_id: flowId,
      code: error?.code ?? 0,
      reason: error?.message,
      dry_run: isDryRun || undefined,
      no_change: (!error && isSame) || undefined,
      before,
      after,
    });
    const level = error ? 'warn' : 'info';
    log(level)[level](line, `${method}: ${outcome({ error, isSame, isDryRun })}`);
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
  if (typeof params !== 'object' || params === null || !Object.hasOwn(params, name))
    return undefined;
  return (params as Readonly<Record<string, unknown>>)[name];
}

interface Outcome {
  readonly error: VdsmError | undefined;
  readonly isSame: boolean;
  readonly isDryRun: boolean;
}

const outcome = ({ error, isSame, isDryRun }: Outcome): string =>
  error ? `not done, ${error.message}`
  : isDryRun ? 'planned only'
  : isSame ? 'done, without a change'
  : 'done';
