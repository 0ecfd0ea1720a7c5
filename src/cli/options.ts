import { parseArgs } from 'node:util';
import { brief } from '../common/brief.ts';
import { endpointText, type HostPort, readEndpoint } from '../common/endpoint.ts';
import { messageOf } from '../common/messageOf.ts';
import { readSetting } from '../config/config.ts';
import type { Setting } from '../config/setting.ts';
import { isHost } from './pki.ts';

/** The parsed command line. */
export interface Options {
  /** The help text to print instead of anything else. */
  readonly help?: string;
  readonly version: boolean;
  readonly checkConfig: boolean;
  readonly hints: boolean;
  /** Whether other machines may connect without TLS if the configuration has ssl = false too. */
  readonly insecureListen: boolean;
  /** Where to create certificates instead of serving. */
  readonly pki?: { readonly folder: string; readonly hosts: readonly string[] };
  /** Configuration files, in the order given. */
  readonly files: readonly string[];
  /** Flags that set configuration keys. */
  readonly settings: readonly Setting[];
  /** Flags that replace defaults. */
  readonly defaults: readonly Setting[];
}

/** A command line that cannot be parsed; the message says what to do. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
}

export const usage = `Usage: vmemd [--connect URI|simulated|auto] [--listen ADDR:PORT] [--read-only] [--config FILE]...
       vmemd pki --init FOLDER [--host NAME]...
       vmemd decide [--algorithm mom|adaptive] [--parameters JSON] <ROUNDS
       vmemd replay TRACE [--algorithm mom|adaptive] [--against mom|adaptive|recorded]

The memory agent of a KVM host: guest memory over oVirt's VDSM API, on libvirt.

  --connect WHERE      libvirt connection URI (qemu:///system), simulated, or auto: libvirt if it answers at start
  --default-connect WHERE
                       the same, used if neither --connect nor the configuration names one
  --read-only          change nothing: serve only what reads, beside the vmemd that owns this libvirt
  --listen ADDR:PORT   address and TCP port to listen on (localhost:54321); all addresses: '[::]:54321';
                       may be repeated
  --pki FOLDER         where key, certificate and CA for TLS are (/etc/pki/vdsm)
  --insecure-listen    serve other machines without TLS, if the configuration has [vars] ssl = false too
  --config FILE        configuration to read after the system's; may be repeated
  --check-config       print the configuration that would be used, and exit
  --hints              print requests to try, once connections are accepted
  pki --init FOLDER    create a CA, a host and a client certificate for trying TLS; --host adds a name or address
  decide               decide balloon targets for rounds given on standard input; see vmemd decide --help
  replay TRACE         show in which balloon targets two policies differ over a trace; see vmemd replay --help
  --help, --version    print this, or the version, and exit

Exit status: 0 success, 1 failure, 2 usage error.
`;

export const pkiUsage = `Usage: vmemd pki --init FOLDER [--host NAME]...

Creates a CA, a host and a client certificate for trying TLS, and prints how to use them.

  --init FOLDER   an empty or a new folder for them
  --host NAME     a name or address of this host, besides localhost and its own name; may be repeated
  --help          print this, and exit
`;

/** Reads the command line (without node and script); throws {@link UsageError}. */
export function parseOptions(argv: readonly string[]): Options {
  const { values, positionals } = parsed(argv);
  const [command, ...rest] = positionals;
  const stray = command === 'pki' ? rest[0] : command;
  if (stray !== undefined)
    throw new UsageError(`There is no argument "${brief(stray)}"; see --help.`);
  const { connect, listen, pki, config: files = [] } = values;
  const settings: Setting[] = [];
  if (connect !== undefined) settings.push(connection('--connect', connect));
  if (listen !== undefined) settings.push(...addresses(listen));
  if (pki !== undefined) {
    settings.push({ origin: '--pki', section: 'vars', key: 'pki_path', value: pki });
  }
  if (values['read-only'] === true) {
    settings.push({ origin: '--read-only', section: 'libvirt', key: 'read_only', value: 'true' });
  }
  const preset = values['default-connect'];
  const defaults = preset === undefined ? [] : [connection('--default-connect', preset)];
  check([...settings, ...defaults]);
  return {
    ...(values.help ? helpOf(command) : pkiToMake(command, values)),
    insecureListen: values['insecure-listen'] === true,
    version: values.version === true,
    checkConfig: values['check-config'] === true,
    hints: values.hints === true,
    files,
    settings,
    defaults,
  };
}

const connection = (origin: string, value: string): Setting => ({
  origin,
  section: 'libvirt',
  key: 'uri',
  value,
});

const options = {
  connect: { type: 'string' },
  'default-connect': { type: 'string' },
  'read-only': { type: 'boolean' },
  listen: { type: 'string', multiple: true },
  pki: { type: 'string' },
  'insecure-listen': { type: 'boolean' },
  init: { type: 'string' },
  host: { type: 'string', multiple: true },
  config: { type: 'string', multiple: true },
  'check-config': { type: 'boolean' },
  hints: { type: 'boolean' },
  help: { type: 'boolean', short: 'h' },
  version: { type: 'boolean', short: 'V' },
} as const;

function parsed(argv: readonly string[]) {
  const args = [...argv];
  const { tokens } = parseArgs({
    args,
    options,
    strict: false,
    allowPositionals: true,
    tokens: true,
  });
  const seen = new Set<string>();
  for (const token of tokens) {
    if (token.kind !== 'option') continue;
    checkOption(token);
    if (seen.has(token.name) && isSingle(token.name)) {
      throw new UsageError(`${token.rawName} is given twice; give it once.`);
    }
    seen.add(token.name);
  }
  return parseArgs({ args, options, allowPositionals: true });
}

/** Returns whether an option has one value, of which a second would silently win. */
const isSingle = (name: string): boolean => {
  const option = (options as Readonly<Record<string, { type: string; multiple?: boolean }>>)[name];
  return option?.type === 'string' && option.multiple !== true;
};

interface OptionToken {
  readonly name: string;
  readonly rawName: string;
  readonly value: string | undefined;
  readonly inlineValue: boolean | undefined;
}

/** Throws {@link UsageError} for what Node's parser would reject with its own message, and for empty values. */
function checkOption({ name, rawName, value = '', inlineValue }: OptionToken): void {
  const known: Readonly<Record<string, { readonly type: string }>> = options;
  const type = Object.hasOwn(known, name) ? known[name]?.type : undefined;
  if (type === undefined) throw new UsageError(`There is no option ${brief(rawName)}; see --help.`);
  if (type === 'boolean' && inlineValue) {
    throw new UsageError(`${rawName} takes no value; see --help.`);
  }
  if (type === 'string' && (value === '' || (!inlineValue && value.startsWith('-')))) {
    throw new UsageError(`${rawName} needs a value; see --help.`);
  }
}

function check(settings: readonly Setting[]): void {
  try {
    for (const setting of settings) readSetting(setting);
  } catch (error) {
    throw new UsageError(messageOf(error), { cause: error });
  }
}

const helpOf = (command: string | undefined): Pick<Options, 'help'> => ({
  help: command === 'pki' ? pkiUsage : usage,
});

function pkiToMake(
  command: string | undefined,
  { init, host: hosts = [] }: { readonly init?: string; readonly host?: readonly string[] },
): Pick<Options, 'pki'> {
  if (command === undefined) {
    if (init === undefined && hosts.length === 0) return {};
    throw new UsageError('--init and --host belong to "vmemd pki"; see --help.');
  }
  if (init === undefined) {
    throw new UsageError('Name a folder for the certificates: vmemd pki --init FOLDER.');
  }
  const wrong = hosts.find((name) => !isHost(name));
  if (wrong !== undefined) {
    throw new UsageError(`--host: "${brief(wrong)}" is neither a host name nor an address.`);
  }
  return { pki: { folder: init, hosts } };
}

/** Returns the settings of --listen: the port of the first, and each address, with its port if that is another. */
function addresses(listen: readonly string[]): Setting[] {
  const endpoints = listen.map(readListen);
  const [first] = endpoints;
  if (!first) return [];
  const { port } = first;
  const hosts = endpoints.map((each) => (each.port === port ? each.host : endpointText(each)));
  const of = { origin: '--listen', section: 'addresses' };
  return [
    { ...of, key: 'management_ip', value: hosts.join(', ') },
    { ...of, key: 'management_port', value: String(port) },
  ];
}

function readListen(listen: string): HostPort {
  const endpoint = readEndpoint(listen, -1);
  if (endpoint.port >= 0) return endpoint;
  throw new UsageError(
    `--listen must be ADDR:PORT, as localhost:54321 or [::1]:54321, not "${brief(listen)}".`,
  );
}
