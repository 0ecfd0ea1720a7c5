import { EventEmitter, getEventListeners } from 'node:events';
import { readdirSync, readlinkSync } from 'node:fs';
import { Session } from 'node:inspector/promises';
import { AuditTrail } from '../../../src/overview/auditTrail.ts';
import type { FaultyHost } from './faultyHost.ts';
import type { Figures } from './messages.ts';

/** What functions that the inspector calls need, as they see nothing else of this module. */
interface Seen {
  readonly classes: Readonly<Record<string, { readonly prototype: object }>>;
  readonly getEventListeners: typeof getEventListeners;
  /** There is one for as long as the process lives. */
  readonly trails: AuditTrail[];
}

const idle = setTimeout(() => undefined, 0);
const Timeout = idle.constructor as { readonly prototype: object } & (new () => unknown);
clearTimeout(idle);

const seen: Seen = {
  classes: { EventEmitter, AbortSignal, Timeout, AuditTrail },
  getEventListeners,
  trails: [],
};
Object.assign(globalThis, { soak: seen });

/** Measures this process; the garbage is collected before. */
export async function measure(host: FaultyHost): Promise<Figures> {
  const session = new Session();
  session.connect();
  try {
    const emitters = (await each(session, 'EventEmitter', countListeners)) as Figures['emitters'];
    const signals = (await each(session, 'AbortSignal', countAborts)) as number;
    const timers = (await each(session, 'Timeout', countTimers)) as number;
    if (seen.trails.length === 0) await each(session, 'AuditTrail', keepTrails);
    const trail = seen.trails.reduce((sum, { size }) => sum + size, 0);
    const { heap, external, rss } = collected();
    const counts = Object.values(emitters).map(([, listeners]) => listeners);
    const fds = readdirSync('/proc/self/fd');
    const { user, system } = process.cpuUsage();
    return {
      heap,
      external,
      rss,
      trail,
      fds: fds.length,
      sockets: fds.filter(isSocket).length,
      resources: process.getActiveResourcesInfo().filter((name) => name !== 'Timeout').length,
      timers,
      listeners: counts.reduce((sum, count) => sum + count, signals),
      hostListeners: host.listeners,
      emitters,
      cpu: (user + system) / 1e6,
      calls: host.calls,
      faults: { ...host.counts },
    };
  } finally {
    session.disconnect();
  }
}

/** Twice, as finalizers of the first time free more. */
function collected() {
  if (!globalThis.gc) throw new Error('this process is to run with --expose-gc');
  globalThis.gc();
  globalThis.gc();
  const { heapUsed: heap, external, rss } = process.memoryUsage();
  return { heap, external, rss };
}

function isSocket(fd: string): boolean {
  try {
    return readlinkSync(`/proc/self/fd/${fd}`).startsWith('socket:');
  } catch {
    return false;
  }
}

/** Returns what a function makes of all reachable objects of a class. */
async function each(
  session: Session,
  name: string,
  count: (this: never) => unknown,
): Promise<unknown> {
  const objectGroup = 'figures';
  const expression = `soak.classes.${name}.prototype`;
  const { post } = inspectorOf(session);
  const { result } = await post('Runtime.evaluate', { expression, objectGroup });
  const prototypeObjectId = result?.objectId;
  const { objects } = await post('Runtime.queryObjects', { prototypeObjectId, objectGroup });
  const counted = await post('Runtime.callFunctionOn', {
    objectId: objects?.objectId,
    functionDeclaration: String(count),
    returnByValue: true,
  });
  await post('Runtime.releaseObjectGroup', { objectGroup });
  return counted.result?.value;
}

interface Answer {
  readonly result?: { readonly objectId?: string; readonly value?: unknown };
  readonly objects?: { readonly objectId: string };
}

/** The types of Node's packages know nothing of some of these calls' results. */
const inspectorOf = (session: Session) => ({
  post: session.post.bind(session) as (method: string, params: object) => Promise<Answer>,
});

function countListeners(this: readonly EventEmitter[]): Figures['emitters'] {
  const counts: Record<string, [number, number]> = {};
  for (const emitter of this) {
    // prototypes are found too, and some of their getters throw
    if (Object.hasOwn(emitter, 'constructor')) continue;
    const name = emitter.constructor.name;
    const entry = (counts[name] ??= [0, 0]);
    entry[0] += 1;
    for (const event of emitter.eventNames()) entry[1] += emitter.listenerCount(event);
  }
  return counts;
}

declare const soak: Seen;

function countAborts(this: readonly AbortSignal[]): number {
  let sum = 0;
  for (const signal of this) {
    if (!Object.hasOwn(signal, 'constructor')) {
      sum += soak.getEventListeners(signal, 'abort').length;
    }
  }
  return sum;
}

function countTimers(this: readonly { readonly _destroyed?: boolean }[]): number {
  return this.filter(({ _destroyed }) => _destroyed === false).length;
}

function keepTrails(this: readonly AuditTrail[]): void {
  soak.trails.push(...this.filter((trail) => !Object.hasOwn(trail, 'constructor')));
}
