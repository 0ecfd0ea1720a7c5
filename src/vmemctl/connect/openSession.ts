import { Client, Milliseconds, type Traffic } from '../../client/index.ts';
import { type GlobalOptions, readHosts } from '../globals.ts';
import { Session } from '../session.ts';
import type { World } from '../world.ts';
import { hostsOf } from './hosts.ts';
import { localDaemon } from './localDaemon.ts';

const CONNECT_TIMEOUT = Milliseconds(10_000);
/** Of several hosts, what is asked of one must not hold up the others for long; it only reads. */
const SEVERAL_TIMEOUT = Milliseconds(5000);

/** Reads where the daemons are; throws {@link UsageError}. */
export async function openSession(world: World, options: GlobalOptions): Promise<Session> {
  const host = options.host.length > 0 ? options.host : readHosts(world.env['VMEMCTL_HOST']);
  const addresses = hostsOf({ ...options, host }, await localDaemon(world.root));
  const timeout =
    options.timeout !== undefined ? Milliseconds(Math.ceil(options.timeout * 1000))
    : addresses.length > 1 ? SEVERAL_TIMEOUT
    : undefined;
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
