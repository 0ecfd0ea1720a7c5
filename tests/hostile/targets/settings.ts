import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { PassThrough } from 'node:stream';
import { run, type World } from '../../../src/cli/run.ts';
import { parseIni } from '../../../src/config/ini.ts';
import { Milliseconds } from '../../../src/common/units.ts';
import { growth } from '../growth.ts';
import { FILES, type Key, type Place, sections, somePlace } from '../settingsGrammar.ts';
import type { Target, Verdict } from '../target.ts';

/** Configuration files, variables and arguments: a configuration that is as given, or sentences that name what is wrong. */
export const settings: Target<Place> = {
  name: 'configuration',
  weight: 3,
  make: somePlace,
  open: (size) => {
    const root = mkdtempSync(join(tmpdir(), 'vmemd-hostile-'));
    for (const file of FILES) mkdirSync(join(root, dirname(file)), { recursive: true });
    return Promise.resolve({
      judge: (place: Place) => judge(place, root),
      close: () => {
        rmSync(root, { recursive: true });
        return Promise.resolve(growth(SHAPES, parseIni, size));
      },
    });
  },
};

/** What a run of the program printed, and its exit status. */
interface Ran {
  readonly status: number;
  readonly out: string;
  readonly errors: readonly string[];
}

async function ran({ args, env }: Pick<Place, 'args' | 'env'>, root: string): Promise<Ran> {
  let out = '';
  let errors = '';
  const world: World = {
    env,
    root,
    lines: { input: new PassThrough().end(), output: new PassThrough().resume() },
    stdout: {
      write: (text: string) => (out += text),
      settled: () => Promise.resolve(undefined),
    },
    stderr: { write: (text: string) => (errors += text) },
    onSignal: () => undefined,
    now: () => Milliseconds(0),
    start: () => Promise.reject(new Error('it serves')),
    manager: () => {
      throw new Error('it serves');
    },
  };
  const status = await run(args.length > 0 ? args : ['--check-config'], world);
  return { status, out, errors: errors.split('\n').filter((line) => line !== '') };
}

async function judge(place: Place, root: string): Promise<Verdict> {
  lay(root, place.files);
  const { status, out, errors } = await ran(place, root);
  if (status !== 0) {
    if (out !== '') return 'it fails, and prints something all the same';
    return place.model ?
        `a valid configuration is refused: ${String(errors[0])}`
      : complaints(errors);
  }
  if (errors.length > 0) return `it complains and succeeds: ${String(errors[0])}`;
  return out.startsWith('[') ? printed(out, place, root) : undefined;
}

const SENTENCE = /^vmemd: .+[.]$/su;
const ADVICE =
  /must be|has no key|there is no section|expected|second time|cannot be read|names no address|turn it on|see --help|takes no value|needs a value|give |belong to/i;

/** Returns which line of the errors does not say what is wrong and what to do. */
function complaints(errors: readonly string[]): Verdict {
  if (errors.length === 0) return 'it fails without a word';
  for (const line of errors) {
    if (!SENTENCE.test(line)) return `no sentence: ${line.slice(0, 300)}`;
    if (!ADVICE.test(line)) return `no advice: ${line.slice(0, 300)}`;
    if (/ at .*\.[jt]s:\d/.test(line)) return `a stack: ${line.slice(0, 300)}`;
    if (line.length > 1500) return `a long line: ${line.slice(0, 300)}`;
  }
  return undefined;
}

/** Returns what is wrong with the configuration that is printed: it is valid, as given, and read back as it is. */
async function printed(out: string, { model = {} }: Place, root: string): Promise<Verdict> {
  const { entries, mistakes } = parseIni(out);
  if (mistakes.length > 0) return 'what is printed cannot be read';
  for (const { section, key, value } of entries) {
    const given = model[`${section} ${key}`];
    const isAsGiven = given === undefined || plain(given) === plain(value);
    if (!isAsGiven) return `${key} is ${value}, not ${given}`;
    if (!isValid(value, sections[section]?.[key])) return `[${section}] ${key} is ${value}`;
  }
  lay(root, { 'etc/vmemd/vmemd.conf': out });
  const again = await ran({ args: [], env: {} }, root);
  if (again.out === out) return undefined;
  // the flag that allows it is no part of the configuration
  return /--insecure-listen/.test(again.errors.join()) ? undefined : (
      `what is printed is read otherwise: ${String(again.errors[0])}`
    );
}

function isValid(value: string, schema: Key | undefined): boolean {
  const { type, enum: allowed, minimum = -Infinity, maximum = Infinity } = schema ?? {};
  if (allowed) return allowed.includes(value);
  if (type === 'integer') return Number(value) >= minimum && Number(value) <= maximum;
  return schema !== undefined && (type !== 'boolean' || /^(true|false)$/.test(value));
}

/** A value in one of the forms that mean the same. */
const plain = (value: string): string => {
  if (/^(true|yes|on|1)$/i.test(value)) return 'true';
  if (/^(false|no|off|0)$/i.test(value)) return 'false';
  return value.replace(/\s*,\s*/g, ',').trim();
};

/** Puts files below the root, and removes what was there. */
function lay(root: string, files: Place['files']): void {
  for (const file of FILES) {
    const text = files[file];
    if (text === undefined) rmSync(join(root, file), { force: true });
    else writeFileSync(join(root, file), text);
  }
}

const SHAPES: Readonly<Record<string, (size: number) => string>> = {
  'blanks in a line': (n) => `[a]\nb${' '.repeat(10 * n)}c`,
  'equals signs': (n) => `[a]\nb${'='.repeat(10 * n)}`,
  brackets: (n) => '['.repeat(10 * n),
  lines: (n) => '[a]\nb = c\n'.repeat(n),
};
