import { configuration } from '../../schema/config.ts';
import { mutated } from './mutate.ts';
import type { Random } from './random.ts';
import { someText } from './text.ts';

/** One key's description in schema/config.ts, as far as values depend on it. */
export interface Key {
  readonly type?: string;
  readonly enum?: readonly string[];
  readonly format?: string;
  readonly items?: { readonly format?: string };
  readonly minimum?: number;
  readonly maximum?: number;
  readonly default: unknown;
}

export const sections = configuration as unknown as Readonly<
  Record<string, Readonly<Record<string, Key>>>
>;

/** Where vmemd finds its configuration. */
export interface Place {
  /** Texts by path below the system's root. */
  readonly files: Readonly<Record<string, string>>;
  readonly env: Readonly<Record<string, string>>;
  readonly args: readonly string[];
  /** The value that each key was given last, by `section key`; undefined if something is broken on purpose. */
  readonly model: Readonly<Record<string, string>> | undefined;
}

export const FILES = [
  'etc/vmemd/vmemd.conf',
  'usr/lib/vmemd/vmemd.conf.d/10-a.conf',
  'run/vmemd/vmemd.conf.d/20-b.conf',
  'etc/vmemd/vmemd.conf.d/30-c.conf',
];

const FORMATS: Readonly<Record<string, readonly string[]>> = {
  endpoint: ['localhost', '::1', '127.0.0.1', 'localhost:54399', '[::1]:1'],
  host: ['localhost', 'a.example.com', '10.0.0.1', 'fe80::1'],
  rule: ['cn:a', 'ou:monitoring', 'san:*.b', 'user:alice', 'group:kvm'],
  setting: ['goal=0.15', 'step=0.2'],
  path: ['/a', '/var/lib/libvirt/images'],
  user: ['alice', '@kvm'],
  origin: ['https://console.example.org', 'http://localhost:1'],
  hypervisor: ['auto', 'simulated', 'qemu:///system', 'test:///default'],
};

const ODD = [
  '',
  ' ',
  '=',
  '==',
  ',',
  ',,',
  '-1',
  '1e3',
  '0x10',
  '+5',
  '1.5',
  '٣',
  '9'.repeat(400),
  'true false',
  '[a]',
  '#',
  ';',
  '"5"',
];

interface Given {
  readonly section: string;
  readonly key: string;
  readonly value: string;
}

/** Returns files, variables and arguments: valid, nearly valid, or broken. */
export function somePlace(random: Random): Place {
  const isClean = random.chance(0.4);
  const model: Record<string, string> = {};
  const give = (): Given[] => {
    const given = random.list(6, () => someSetting(random, isClean));
    const once = new Map(given.map((one) => [`${one.section} ${one.key}`, one]));
    const kept = isClean ? [...once.values()] : given;
    for (const { section, key, value } of kept) model[`${section} ${key}`] = value;
    return kept;
  };
  const files: Record<string, string> = {};
  for (const file of FILES) {
    if (random.chance(0.5)) continue;
    const text = written(random, give());
    files[file] = isClean || random.chance(0.5) ? text : mutated(text, random);
  }
  const env = Object.fromEntries(
    random.chance(0.5) ?
      []
    : give().map(({ section, key, value }) => [variable(random, section, key, isClean), value]),
  );
  const args = random.chance(0.7) ? [] : someArgs(random);
  return { files, env, args, model: isClean && args.length === 0 ? model : undefined };
}

function someSetting(random: Random, isClean: boolean): Given {
  const names = Object.keys(sections);
  const section = random.pick(names);
  // MoM's algorithm has other parameters
  const keys = Object.keys(sections[section] ?? {}).filter((name) => name !== 'parameters');
  const key = random.chance(0.02) && !isClean ? 'parameters' : random.pick(keys);
  const value = valid(random, sections[section]?.[key]);
  if (isClean || random.chance(0.6)) return { section, key, value };
  return random.one(
    () => ({ section, key, value: random.pick(ODD) }),
    () => ({ section, key, value: someText(random) }),
    () => ({
      section,
      key: random.pick(['__proto__', 'constructor', 'no_such', someText(random)]),
      value,
    }),
    () => ({
      section: random.pick(['__proto__', 'toString', 'nothing', someText(random)]),
      key,
      value,
    }),
    () => ({ section, key, value: mutated(value, random) }),
  );
}

function valid(random: Random, key: Key = { default: '' }): string {
  const { type, enum: allowed, format = '', items } = key;
  const formatted = (name = ''): string =>
    random.pick(FORMATS[name] ?? ['/a', 'some text', 'a = b', 'x # y']);
  if (allowed) return random.pick(allowed);
  if (type === 'boolean') return random.pick(['true', 'false', 'yes', 'No', '1', '0', 'ON', 'off']);
  if (type === 'integer') return String(within(random, key));
  if (type !== 'array') return formatted(format);
  const list = [...random.list(2, () => formatted(items?.format)), formatted(items?.format)];
  return list.join(', ');
}

function within(random: Random, { minimum = 0, maximum = 100 }: Key): number {
  const near = Math.min(maximum, minimum + 1000);
  return random.pick([minimum, maximum, random.between(minimum, near)]);
}

function written(random: Random, given: readonly Given[]): string {
  const eol = random.pick(['\n', '\n', '\r\n']);
  const lines = given.flatMap(({ section, key, value }) => [
    ...random.list(1, () => random.pick(['# a', '; b = c', '', '   '])),
    `${random.pick(['', ' '])}[${section}]`,
    random.pick(['', '', '  ']) +
      key +
      random.pick([' = ', '=', ' =', '\t=\t']) +
      value +
      random.pick(['', ' ']),
  ]);
  return random.pick(['', '', '\ufeff']) + lines.join(eol) + random.pick(['', eol]);
}

const variable = (random: Random, section: string, key: string, isClean: boolean): string => {
  const name = `VMEMD_${section}_${key}`;
  if (isClean) return name.toUpperCase();
  return random
    .pick([name.toUpperCase(), name, name.toLowerCase(), name.replace('_', '__')])
    .replaceAll('\0', '');
};

const OPTIONS = [
  '--connect',
  '--default-connect',
  '--read-only',
  '--listen',
  '--pki',
  '--insecure-listen',
  '--config',
  '--hints',
  '--help',
  '--version',
  '-h',
  '-V',
  '--',
  '--no-hints',
  '--connect=',
  '-',
  '--listen=',
  '--__proto__',
  '--constructor',
];
const VALUES = [
  'simulated',
  'qemu:///system',
  'qemu+ssh://a/system',
  '[::]:54321',
  'localhost:0',
  '::1',
  'a:b:c',
  '/a',
  '/dev/null',
  '/',
  '-x',
  '',
  'decide',
];

const someArgs = (random: Random): string[] => [
  '--check-config',
  ...random.list(5, () =>
    random.one(
      () => random.pick(OPTIONS),
      () => random.pick(OPTIONS) + random.pick(VALUES),
      () => random.pick(VALUES),
      () => someText(random),
    ),
  ),
];
