import {
  Connection,
  DeadlineError,
  LibvirtError,
  procedures,
  UnreachableError,
  XdrError,
} from '../../../src/libvirt/index.ts';
import { remoteError } from '../../../src/libvirt/protocol.ts';
import type { Timers } from '../../../src/libvirt/timers.ts';
import { XdrReader } from '../../../src/libvirt/xdr.ts';
import type { Procedure } from '../../../src/libvirt/procedures.ts';
import { HostileLibvirtd } from '../hostileLibvirtd.ts';
import { type Call, type Exchange, type Sent, someStory, type Story } from '../libvirtStory.ts';
import type { Target, Trials, Verdict } from '../target.ts';

const HEADER_BYTES = 28;
const REMOTE = 0x2000_8086;
const dom = { name: 'a', uuid: '00000000-0000-0000-0000-000000000000', id: 1 };
const ARGS: Readonly<Record<Call, unknown>> = {
  domainGetInfo: { dom },
  connectListAllDomains: { needResults: 1, flags: 0 },
  connectGetAllDomainStats: { doms: [], stats: 1, flags: 0 },
  domainGetXmlDesc: { dom, flags: 0 },
  connectGetVersion: undefined,
  domainReset: { dom, flags: 0 },
  nodeGetInfo: undefined,
};

/** A connection to a daemon that sends anything: each call ends with its own reply, or with an error that says why. */
export const libvirtConnection: Target<Story> = {
  name: 'libvirt',
  weight: 10,
  make: someStory,
  open: openTrials,
};

/** Timers that run out when a test wants it. */
class HeldTimers implements Timers {
  now(): number {
    return 0;
  }

  readonly #waiting = new Set<() => void>();

  after(_delay: number, run: () => void): () => void {
    this.#waiting.add(run);
    return () => this.#waiting.delete(run);
  }
  runOut(): void {
    for (const run of [...this.#waiting]) {
      this.#waiting.delete(run);
      run();
    }
  }
  get size(): number {
    return this.#waiting.size;
  }
}

async function openTrials(): Promise<Trials<Story>> {
  const daemon = await HostileLibvirtd.start();
  const timers = new HeldTimers();
  let connection: Connection | undefined;
  const ended: Record<string, number> = {};
  const judge = async ({ exchanges }: Story): Promise<Verdict> => {
    for (const exchange of exchanges) {
      connection ??= await Connection.open(daemon.uri, { timers, onProblem: () => undefined });
      const expected = expectedOf(exchange);
      const kind = expected.replace(/ .*/s, '');
      ended[kind] = (ended[kind] ?? 0) + 1;
      const verdict = await judgeExchange({ connection, daemon, timers }, exchange, expected);
      if (!connection.isAlive()) connection = undefined;
      if (verdict !== undefined) return verdict;
    }
    return undefined;
  };
  const close = async () => {
    connection?.close();
    await daemon.close();
    const figures = Object.entries(ended).map(([how, count]) => `${String(count)} ${how}`);
    return { wrong: [], figures };
  };
  return { judge, close };
}

interface Stage {
  readonly connection: Connection;
  readonly daemon: HostileLibvirtd;
  readonly timers: HeldTimers;
}

async function judgeExchange(
  { connection, daemon, timers }: Stage,
  exchange: Exchange,
  expected: string,
): Promise<Verdict> {
  daemon.exchange = exchange;
  const read = daemon.reading();
  const procedure = procedures[exchange.call] as Procedure<unknown, unknown>;
  const call = connection.call(procedure, ARGS[exchange.call]).then(
    (value) => `value ${shown(value)}`,
    (error: unknown) => described(error),
  );
  await read;
  if (expected === 'deadline') timers.runOut();
  const found = await call;
  if (found !== expected) {
    return `${exchange.call} ends with ${found.slice(0, 200)}, not ${expected.slice(0, 200)}`;
  }
  if (connection.isAlive() === isBroken(exchange)) return 'the connection is not as expected';
  if (!connection.isAlive()) return undefined;
  if (timers.size > 0) return 'a timer is left';
  if (expected === 'deadline') daemon.release();
  const answer = await connection.getHostname();
  return answer === 'well' ? undefined : `afterwards the hostname is ${answer}`;
}

const isBroken = ({ sent }: Exchange): boolean => sent.some((one) => !hasLength(one));

const shown = (value: unknown): string =>
  JSON.stringify([value], (_, part: unknown) =>
    typeof part === 'bigint' ? `${String(part)}n` : part,
  );

function described(error: unknown): string {
  if (error instanceof UnreachableError) return 'closed';
  if (error instanceof DeadlineError) return 'deadline';
  if (!(error instanceof LibvirtError)) throw error;
  if (/cannot be understood/.test(error.message) && error.cause !== undefined) return 'undecodable';
  return `error ${String(error.code)} ${error.message}`;
}

/** Returns how a call has to end: by the first packet that is its reply, or the end of the connection. */
function expectedOf({ call, sent }: Exchange): string {
  for (const one of sent) {
    if (!hasLength(one)) return 'closed';
    if (one.kind === 'packet' && one.program === REMOTE && one.type === 1 && one.serial === 0)
      return endOf(call, one);
  }
  return 'deadline';
}

/** Returns whether what follows a packet can be read. */
function hasLength(one: Sent): boolean {
  if (one.kind !== 'packet' || one.length === undefined) return true;
  return one.length === HEADER_BYTES + Buffer.from(one.payload, 'base64').length;
}

function endOf(call: Call, one: Extract<Sent, { kind: 'packet' }>): string {
  const { number, name, result } = procedures[call];
  if (one.procedure !== number || one.version !== 1) return 'undecodable';
  const reader = new XdrReader(Buffer.from(one.payload, 'base64'));
  try {
    if (one.status === 1) {
      const { code, message } = remoteError.read(reader);
      return `error ${String(code)} ${message ?? `${name} failed without a message.`}`;
    }
    const value = result.read(reader);
    return one.status === 0 && reader.remaining === 0 ? `value ${shown(value)}` : 'undecodable';
  } catch (error) {
    if (!(error instanceof XdrError)) throw error;
    return 'undecodable';
  }
}
