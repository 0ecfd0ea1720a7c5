import { Client, Milliseconds, type Traffic } from '../client/index.ts';
import { hostsOf } from './connect/hosts.ts';
import { localDaemon } from './connect/localDaemon.ts';
import { UsageError } from './exit.ts';
import { type GlobalOptions, readHosts } from './globals.ts';
import type { World } from './world.ts';

/** A daemon that a command works with. */
export interface Host {
  /** Its name for people. */
  readonly name: string;
  readonly client: Client;
}

/** What a command works with. */
export class Session {
  readonly world: World;
  readonly options: GlobalOptions;
  /** The hosts that the user named, or this machine; not connected to yet. */
  readonly hosts: readonly Host[];

  constructor(world: World, options: GlobalOptions, hosts: readonly Host[]) {
    this.world = world;
    this.options = options;
    this.hosts = hosts;
  }

  /** The client of the only host; throws {@link UsageError} if there are several. */
  get client(): Client {
    const [first, ...others] = this.hosts;
    if (first && others.length === 0) return first.client;
    throw new UsageError('This command works on one host: name one by --host.');
  }

  /** Writes a line of data. */
  print(text: string): void {
    this.world.stdout.write(`${text}\n`);
  }

  /** Writes a line of words. */
  note(text: string): void {
    this.world.stderr.write(`${text}\n`);
  }

  async close(): Promise<void> {
    await Promise.all(this.hosts.map(({ client }) => client.close()));
  }
}

const CONNECT_TIMEOUT = Milliseconds(10_000);

/** Reads where the daemons are; throws {@link UsageError}. */
export async function openSession(world: World, options: GlobalOptions): Promise<Session> {
  const host = options.host.length > 0 ? options.host : readHosts(world.env['VMEMCTL_HOST']);
  const addresses = hostsOf({ ...options, host }, await localDaemon(world.root));
  const timeout =
    options.timeout === undefined ? undefined : Milliseconds(Math.ceil(options.timeout * 1000));
  const connectTimeout = Milliseconds(Math.min(timeout ?? Infinity, CONNECT_TIMEOUT));
  const trace = options.verbose ? tracer(world) : undefined;
  const hosts = addresses.map(({ name, targets }) => ({
    name,
    client: new Client({ targets, timeout, connectTimeout, flowId: options.flowId, trace }),
  }));
  return new Session(world, options, hosts);
}

/** Returns the function that writes requests and replies, with the place whenever that changes. */
function tracer({ stderr }: World): (traffic: Traffic) => void {
  let last: string | undefined;
  return ({ direction, where, text }) => {
    if (where !== last) stderr.write(`connected to ${where}\n`);
    last = where;
    stderr.write(`${direction === 'sent' ? '→' : '←'} ${text}\n`);
  };
}
