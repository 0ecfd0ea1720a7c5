import { configuration } from '../../schema/config.ts';
import { ConfigError, type Setting } from './setting.ts';
import { fromEnvironment, fromFile, fromSystem } from './sources.ts';
import { readValue, type Key } from './value.ts';
import { brief } from '../common/brief.ts';
import { readEndpoint } from '../common/endpoint.ts';
import { isLoopback } from '../common/loopback.ts';
import type { Typed } from '../common/typed.ts';

type Sections = typeof configuration;

/** All configuration values, typed by schema/config.ts and deeply frozen. */
export type Config = {
  readonly [S in keyof Sections]: { readonly [K in keyof Sections[S]]: Typed<Sections[S][K]> };
};

/** Sources of configuration beside the defaults and the system's files. */
export interface Sources {
  /** Read in this order after the system's files; each must exist. */
  readonly files?: readonly string[];
  readonly env?: Readonly<Record<string, string | undefined>>;
  readonly flags?: readonly Setting[];
  /** Settings that replace the defaults, so that all other sources win over them. */
  readonly defaults?: readonly Setting[];
  /** The folder that contains etc/, run/ and usr/lib/. */
  readonly root?: string;
  /** Whether to serve non-loopback addresses without TLS if `[vars] ssl` is off. */
  readonly insecureListen?: boolean;
}

/**
 * Loads defaults, /etc/vmemd/vmemd.conf, the drop-ins sorted by name, `files`, VMEMD_SECTION_KEY of the environment,
 * and the flags. Later values win, as with VDSM. Throws one {@link ConfigError} with all mistakes.
 */
export function loadConfig(sources: Sources = {}): Config {
  const { files = [], env = {}, flags = [], defaults = [], root = '/' } = sources;
  const { insecureListen = false } = sources;
  const mistakes: string[] = [];
  const report = (mistake: string): unknown => mistakes.push(mistake);
  const values = builtIn();
  const settings = [
    ...defaults,
    ...fromSystem(root, report),
    ...files.flatMap((file) => fromFile(file, report)),
    ...fromEnvironment(env),
    ...flags,
  ];
  for (const setting of settings) {
    const { section, key } = setting;
    try {
      values[section] = { ...values[section], [key]: readSetting(setting) };
    } catch (error) {
      if (!(error instanceof ConfigError)) throw error;
      report(error.message);
    }
  }
  if (mistakes.length > 0) throw new ConfigError(mistakes.join('\n'));
  const config = frozen(values) as unknown as Config;
  refuseOpenAddress(config, insecureListen);
  return config;
}

/** Returns one setting's value in its key's type; throws {@link ConfigError} for an unknown key or an invalid value. */
export const readSetting = (setting: Setting): unknown => readValue(setting, keyOf(setting));

/** Returns the configuration as INI text. */
export function formatConfig(config: Config): string {
  const sections = Object.entries(config).map(([section, values]) => {
    const lines = Object.entries(values).map(
      ([key, value]) => `${`${key} = ${String(value)}`.trimEnd()}\n`,
    );
    return `[${section}]\n${lines.join('')}`;
  });
  return sections.join('\n');
}

const schema: Readonly<Record<string, Readonly<Record<string, Key>>>> = configuration;

const builtIn = (): Record<string, Record<string, unknown>> =>
  Object.fromEntries(
    Object.entries(schema).map(([section, keys]) => [
      section,
      Object.fromEntries(Object.entries(keys).map(([key, { default: value }]) => [key, value])),
    ]),
  );

function frozen<T extends object>(value: T): T {
  for (const part of Object.values(value)) {
    if (typeof part === 'object' && part !== null) frozen(part as object);
  }
  return Object.freeze(value);
}

function keyOf({ origin, section, key }: Setting): Key {
  const keys = own(schema, section);
  if (!keys) {
    throw new ConfigError(
      `${origin}: there is no section [${brief(section)}]; there are ${names(schema)}.`,
    );
  }
  const found = own(keys, key);
  if (!found) {
    throw new ConfigError(
      `${origin}: [${section}] has no key ${brief(key)}; it has ${names(keys)}.`,
    );
  }
  return found;
}

const own = <T>(of: Readonly<Record<string, T>>, name: string): T | undefined =>
  Object.hasOwn(of, name) ? of[name] : undefined;

const names = (of: object): string => Object.keys(of).join(', ');

function refuseOpenAddress({ addresses, vars }: Config, insecureListen: boolean): void {
  const { management_ip: all } = addresses;
  if (all.length === 0) throw new ConfigError('[addresses] management_ip names no address.');
  const open = all
    .map((each) => readEndpoint(each, 0).host)
    .find((address) => !isLoopback(address));
  if (open === undefined || vars.ssl || insecureListen) return;
  throw new ConfigError(
    `[addresses] management_ip is ${open}, which other machines can reach, but [vars] ssl is off: ` +
      'turn it on, or give --insecure-listen if everyone on the network may control the VMs.',
  );
}
