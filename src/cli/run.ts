import { existsSync } from 'node:fs';
import { hostname } from 'node:os';
import { join } from 'node:path';
import type { Logger } from 'pino';
import { messageOf } from '../common/messageOf.ts';
import { Milliseconds } from '../common/units.ts';
import { version } from '../common/version.ts';
import { type Config, formatConfig, loadConfig } from '../config/config.ts';
import { ConfigError } from '../config/setting.ts';
import { configuredParameters } from '../policy/decide/lines/settings.ts';
import { createLog, type LogTarget, type Lost } from '../telemetry/log.ts';
import { decideLines, type LineStreams } from './decide.ts';
import { hints, type Running } from './hints.ts';
import { type Options, parseOptions, UsageError } from './options.ts';
import { initPki, PkiError } from './pki.ts';
import { urlOf } from './reach.ts';
import type { ServiceManager } from './serviceManager.ts';
import { replayTrace } from './replay.ts';

/** The process, as far as the program uses it. */
export interface World {
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Standard input and output for commands that answer lines as fast as their reader reads. */
  readonly lines: LineStreams;
  readonly stdout: {
    write(text: string): unknown;
    /** Fulfils when all is written or dropped; returns what was dropped. */
    settled(): Promise<Lost | undefined>;
  };
  readonly stderr: LogTarget;
  /** Calls `handler` for each SIGTERM, SIGINT and SIGHUP. */
  onSignal(handler: (signal: NodeJS.Signals) => void): void;
  now(): Milliseconds;
  start(config: Config, log: Logger): Promise<Started>;
  /** The service manager that started the process, if any. */
  manager(warn: (text: string) => void): ServiceManager;
  /** The folder that contains the system's configuration. */
  readonly root?: string;
}

/** A running service. */
export interface Started extends Running {
  readonly life: {
    /** What it does, or why it cannot, as a text for people. */
    readonly status: string;
    readonly isAlive: boolean;
  };
  /** Fulfils when requests can be served; rejects if that can never be. */
  readonly ready: Promise<void>;
  /** Reads the certificates again. */
  reload(): Promise<void>;
  stop(): Promise<void>;
}

/** Runs vmemd until a signal; returns the exit status: 0 for success, 1 for failure, 2 for a usage error. */
export async function run(argv: readonly string[], world: World): Promise<number> {
  try {
    const [command, ...rest] = argv;
    if (command === 'decide') return await decideLines(rest, world.lines);
    if (command === 'replay')
      return await replayTrace(rest, { ...world.lines, stderr: world.stderr });
    const options = parseOptions(argv);
    if (options.help !== undefined) return await print(world, options.help);
    if (options.version) return await print(world, `vmemd ${version()}\n`);
    const { files, settings: flags, defaults, insecureListen, pki } = options;
    const program = options.hints ? 'npm start --' : 'vmemd';
    if (pki) return await print(world, await initPki({ ...pki, program }));
    const config = loadConfig({ ...world, files, flags, defaults, insecureListen });
    checkPolicy(config);
    if (options.checkConfig) return await print(world, formatConfig(config));
    return await serve(config, options, world);
  } catch (error) {
    if (![UsageError, ConfigError, PkiError].some((known) => error instanceof known)) throw error;
    for (const line of messageOf(error).split('\n')) world.stderr.write(`vmemd: ${line}\n`);
    return error instanceof UsageError ? 2 : 1;
  }
}

/** Throws ConfigError for a setting that the policy does not have. */
function checkPolicy({ policy: { algorithm, parameters } }: Config): void {
  try {
    configuredParameters(algorithm, parameters);
  } catch (error) {
    throw new ConfigError(`[policy] ${messageOf(error)}`, { cause: error });
  }
}

/** Writes the result of a command that does nothing else; returns its exit status. */
async function print({ stdout, stderr }: World, text: string): Promise<number> {
  stdout.write(text);
  const lost = await stdout.settled();
  // a reader such as head has what it wants
  if (!lost || lost.code === 'EPIPE') return 0;
  stderr.write(`vmemd: standard output could not be written: ${lost.reason}\n`);
  return 1;
}

async function serve(config: Config, options: Options, world: World): Promise<number> {
  const log = createLog(config.logging, world.stderr);
  const { ssl, pki_path: pki } = config.vars;
  if (options.insecureListen && ssl) log.warn(INSECURE_ALONE);
  let reload = (): unknown => undefined;
  const { first, second } = endRequests(world, () => reload());
  const fail = (error: unknown): 'failed' => {
    log.fatal(`cannot start: ${messageOf(error)}`);
    log.debug({ err: error }, 'cannot start: details');
    return 'failed';
  };
  const service = await Promise.race([
    world.start(config, log).catch(fail),
    first.then(() => 'ended' as const),
  ]);
  if (service === 'failed') return 1;
  if (service === 'ended') return 0;
  reload = () => service.reload();
  const urls = service.addresses.map((address) => urlOf(address, ssl)).join(' and ');
  log.debug({ event: 'listening' }, `listening on ${urls}`);
  const manager = world.manager((text) => {
    log.warn(text);
  });
  // Requests are answered from now on, if only by the reason why the VMs are not known yet.
  void manager.ready(service.life.status);
  const unfollow = manager.follow(service.life);
  const outcome = await Promise.race([service.ready.then(() => 'ready' as const, fail), first]);
  if (outcome === 'ready') {
    log.info({ event: 'ready' }, `serving ${service.connection} on ${urls}`);
    const hasUsualSocket = existsSync(join(world.root ?? '/', 'run/vmemd/vmemd.sock'));
    const way = { ssl, pki, hostname: hostname(), hasUsualSocket };
    if (options.hints) world.stdout.write(hints(service, way));
  }
  if (outcome !== 'failed') log.info({ event: 'ending', signal: await first }, 'ending');
  unfollow();
  void manager.stopping();
  const status = await Promise.race([ended(service, log), second.then(() => 1)]);
  return outcome === 'failed' ? 1 : status;
}

const INSECURE_ALONE =
  '--insecure-listen does nothing while [vars] ssl is on; set ssl = false too, as by VMEMD_VARS_SSL=false';

async function ended(service: { stop(): Promise<void> }, log: Logger): Promise<number> {
  try {
    await service.stop();
    return 0;
  } catch (error) {
    log.error({ err: error }, 'did not end cleanly');
    return 1;
  }
}

// on Ctrl-C the terminal and npm both send a signal; signals this close together are one
const SAME_SIGNAL = Milliseconds(500);

/** Fulfils `first` and `second` with the first and the second request to end; SIGHUP calls `onHangup`. */
function endRequests(
  world: World,
  onHangup: () => unknown,
): { first: Promise<NodeJS.Signals>; second: Promise<void> } {
  let firstAt: number | undefined;
  let onFirst!: (signal: NodeJS.Signals) => void;
  let onSecond!: () => void;
  const first = new Promise<NodeJS.Signals>((resolve) => (onFirst = resolve));
  const second = new Promise<void>((resolve) => (onSecond = resolve));
  world.onSignal((signal) => {
    if (signal === 'SIGHUP') {
      onHangup();
      return;
    }
    if (firstAt === undefined) {
      firstAt = world.now();
      onFirst(signal);
    } else if (world.now() - firstAt > SAME_SIGNAL) {
      onSecond();
    }
  });
  return { first, second };
}
