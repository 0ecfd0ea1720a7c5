import { hostname } from 'node:os';
import type { Logger } from 'pino';
import { formatConfig, loadConfig, type Config } from '../config/config.ts';
import { ConfigError } from '../config/setting.ts';
import type { Milliseconds } from '../common/units.ts';
import { createLog, type LogTarget } from '../telemetry/log.ts';
import { hints, type Running } from './hints.ts';
import { parseOptions, UsageError, type Options } from './options.ts';
import { initPki, PkiError } from './pki.ts';
import { urlOf } from './reach.ts';
import { version } from '../common/version.ts';

/** What the program uses of the process that it runs in. */
export interface World {
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly stdout: { write(text: string): unknown };
  readonly stderr: LogTarget;
  /** Calls `handler` for each SIGTERM, SIGINT and SIGHUP. */
  onSignal(handler: (signal: NodeJS.Signals) => void): void;
  now(): Milliseconds;
  start(config: Config, log: Logger): Promise<Started>;
  /** The folder below which the system's configuration lies. */
  readonly root?: string;
}

/** A service that runs. */
export interface Started extends Running {
  /** Reads again what may change while it runs: the certificates. */
  reload(): Promise<void>;
  stop(): Promise<void>;
}

/** Runs vmemd until a signal ends it; answers the exit status: 0 as asked, 1 failed, 2 not understood. */
export async function run(argv: readonly string[], world: World): Promise<number> {
  try {
    const options = parseOptions(argv);
    if (options.help !== undefined) return say(world, options.help);
    if (options.version) return say(world, `vmemd ${version()}\n`);
    const { files, settings: flags, insecureListen, pki } = options;
    const program = options.hints ? 'npm start --' : 'vmemd';
    if (pki) return say(world, await initPki({ ...pki, program }));
    const config = loadConfig({ ...world, files, flags, insecureListen });
    if (options.checkConfig) return say(world, formatConfig(config));
    return await serve(config, options, world);
  } catch (error) {
    if (![UsageError, ConfigError, PkiError].some((known) => error instanceof known)) throw error;
    for (const line of (error as Error).message.split('\n')) world.stderr.write(`vmemd: ${line}\n`);
    return error instanceof UsageError ? 2 : 1;
  }
}

function say({ stdout }: World, text: string): number {
  stdout.write(text);
  return 0;
}

async function serve(config: Config, options: Options, world: World): Promise<number> {
  const log = createLog(config.logging, world.stderr);
  const { ssl, pki_path: pki } = config.vars;
  if (options.insecureListen && ssl) log.warn(INSECURE_ALONE);
  let reload = (): unknown => undefined;
  const { first, second } = endings(world, () => reload());
  const begun = world.start(config, log);
  const service = await Promise.race([begun, first.then(() => undefined)]).catch(
    (error: unknown) => {
      log.fatal(`cannot start: ${(error as Error).message}`);
      log.debug({ err: error }, 'why it cannot start');
      return error as Error;
    },
  );
  if (service instanceof Error) return 1;
  if (service === undefined) return 0;
  reload = () => service.reload();
  const urls = service.addresses.map((address) => urlOf(address, ssl));
  log.info({ event: 'ready' }, `serving ${service.connection} on ${urls.join(' and ')}`);
  if (options.hints) world.stdout.write(hints(service, { ssl, pki, hostname: hostname() }));
  log.info({ event: 'ending', signal: await first }, 'ending');
  return await Promise.race([ended(service, log), second.then(() => 1)]);
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

// npm passes Ctrl-C on to its child, which the terminal has told already: what comes so soon is the same wish.
const SAME_WISH_MS = 500;

/** The first and the second time that somebody asks for the end; SIGHUP is another wish. */
function endings(
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
    } else if (world.now() - firstAt > SAME_WISH_MS) {
      onSecond();
    }
  });
  return { first, second };
}
