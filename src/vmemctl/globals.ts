import { type Command, InvalidArgumentError, Option } from 'commander';

/** Options of every command. */
export interface GlobalOptions {
  readonly host: readonly string[];
  readonly port?: number;
  readonly pki?: string;
  readonly ca?: string;
  readonly cert?: string;
  readonly key?: string;
  readonly insecure?: boolean;
  /** Seconds; without it as long as the verb needs. */
  readonly timeout?: number;
  readonly flowId?: string;
  readonly json?: boolean;
  readonly verbose?: boolean;
  /** False with --no-color. */
  readonly color: boolean;
}

/** Adds the options that every command has. */
export function addGlobalOptions(program: Command): Command {
  return program
    .addOption(
      new Option(
        '-a, --host <host>',
        'the daemon: HOST[:PORT], a ws:// or wss:// URL, or the path of a unix socket; may be repeated',
      )
        .default([], "this machine's")
        .argParser(addHosts),
    )
    .option('-p, --port <port>', 'TCP port of hosts that name none (54321)', readPort)
    .option('--pki <folder>', 'folder of certificates for TLS (/etc/pki/vdsm)')
    .option('--ca <file>', 'certificate of the CA, instead of that in the folder')
    .option('--cert <file>', "this client's certificate")
    .option('--key <file>', "this client's key")
    .option('--insecure', 'connect without TLS')
    .option(
      '--timeout <seconds>',
      'how long a call may take (as long as it needs; 5 with several hosts)',
      readSeconds,
    )
    .option('--flow-id <id>', "name of the calls in the daemon's log")
    .option('--json', 'print the result as JSON')
    .option('-v, --verbose', 'print each request and reply, and where it is connected to')
    .option('--no-color', 'print without colours; so does NO_COLOR in the environment');
}

/** Reads hosts that are separated by commas or blanks. */
export const readHosts = (text = ''): readonly string[] =>
  text.split(/[\s,]+/).filter((each) => each !== '');

const addHosts = (text: string, before: readonly string[]): readonly string[] => [
  ...before,
  ...readHosts(text),
];

function readPort(text: string): number {
  const port = Number(text);
  if (/^\d+$/.test(text) && port >= 1 && port <= 65_535) return port;
  throw new InvalidArgumentError('A port is a number from 1 to 65535.');
}

/** Node's longest timer, in seconds. */
const LONGEST = 2_147_483;

function readSeconds(text: string): number {
  const seconds = Number(text);
  if (/^\d+(\.\d+)?$/.test(text) && seconds > 0 && seconds <= LONGEST) return seconds;
  throw new InvalidArgumentError(`Seconds are a number from 0.001 to ${String(LONGEST)}.`);
}
