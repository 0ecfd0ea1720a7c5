import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join, parse } from 'node:path';
import { format, resolveConfig } from 'prettier';
import { configuration } from '../schema/config.ts';
import { version } from '../src/common/version.ts';
import { expectation, type Key } from '../src/config/value.ts';
import { errors } from '../src/common/errors.ts';
import { openRpc } from '../src/api/openrpc.ts';
import type { Contract } from '../src/api/verb.ts';
import { daemonPage } from './lib/daemonManual.ts';
import { manualPage, reference } from './lib/manual.ts';

// Makes what is written in schema/ readable elsewhere; with --check changes nothing and fails where it would.
const root = join(import.meta.dirname, '..');
const isCheck = process.argv.includes('--check');
const keys: Readonly<Record<string, Readonly<Record<string, Key>>>> = configuration;

const contracts = await loadContracts();
const outputs: Readonly<Record<string, () => Promise<string>>> = {
  'docs/api.md': () => filled('docs/api.md', { verbs: verbTable(), errors: errorTable() }),
  'docs/configuration.md': () =>
    filled('docs/configuration.md', { configuration: configurationTables() }),
  'docs/vmemctl.md': () => filled('docs/vmemctl.md', { commands: reference() }),
  'man/vmemctl.1': () => Promise.resolve(manualPage(version())),
  'man/vmemd.8': () => Promise.resolve(daemonPage(version())),
  'src/client/contracts.ts': () => Promise.resolve(contractIndex()),
  'schema/openrpc.json': () => Promise.resolve(JSON.stringify(openRpc(contracts, version()))),
  'vmemd.conf.example': () => Promise.resolve(exampleConfiguration()),
};

const stale: string[] = [];
for (const [name, make] of Object.entries(outputs)) {
  const file = join(root, name);
  const made = await pretty(file, await make());
  if (made === (await readFile(file, 'utf8').catch(() => undefined))) continue;
  stale.push(name);
  if (!isCheck) await writeFile(file, made);
}
if (stale.length > 0) {
  console.log(`${isCheck ? 'Stale (npm run generate)' : 'Written'}: ${stale.join(', ')}`);
  process.exitCode = isCheck ? 1 : 0;
}

async function loadContracts(): Promise<ReadonlyMap<string, Contract>> {
  const folder = join(root, 'schema', 'verbs');
  const files = (await readdir(folder)).sort();
  const load = async (file: string): Promise<[string, Contract]> => {
    const { default: contract } = (await import(join(folder, file))) as { default: Contract };
    return [parse(file).name, contract];
  };
  return new Map(await Promise.all(files.map(load)));
}

async function pretty(file: string, text: string): Promise<string> {
  if (/\.(example|1|8)$/.test(file)) return text;
  return format(text, { ...(await resolveConfig(file)), filepath: file });
}

/** Returns a module of all contracts by method name, which has their types too. */
function contractIndex(): string {
  const named = [...contracts.keys()].map((name) => [name, name.replace('.', '_')] as const);
  return `${named.map(([name, id]) => `import ${id} from '../../schema/verbs/${name}.ts';\n`).join('')}
/** The contracts of all verbs. */
export const contracts = {
${named.map(([name, id]) => `'${name}': ${id},\n`).join('')}} as const;
`;
}

async function filled(file: string, parts: Readonly<Record<string, string>>): Promise<string> {
  const text = await readFile(join(root, file), 'utf8');
  return Object.entries(parts).reduce((whole, [name, part]) => {
    const [begin, end] = [`<!-- generated: ${name} -->`, `<!-- end: ${name} -->`];
    const [before, rest] = whole.split(begin);
    const after = rest?.split(end)[1];
    if (before === undefined || after === undefined) throw new Error(`there is no ${begin}`);
    return `${before}${begin}\n\n${part}\n${end}${after}`;
  }, text);
}

/** Returns a table that Prettier leaves alone: it would pad each cell to the longest one. */
function table(heads: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]): string =>
    `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |\n`;
  const lines = [heads, heads.map(() => '---'), ...rows].map(line).join('');
  return `<!-- prettier-ignore-start -->\n\n${lines}\n<!-- prettier-ignore-end -->\n`;
}

function verbTable(): string {
  const rows = [...contracts].map(([name, { params, description, access }]) => {
    const required = new Set(params.required);
    const named = Object.keys(params.properties).map((key) =>
      required.has(key) ? key : `${key}?`,
    );
    return [`\`${name}\``, named.map((param) => `\`${param}\``).join(' '), access, description];
  });
  return table(['verb', 'parameters', 'class', 'what it does'], rows);
}

function configurationTables(): string {
  const sections = Object.entries(keys).map(([section, ofSection]) => {
    const rows = Object.entries(ofSection).map(([key, schema]) => [
      `\`${key}\``,
      shown(schema.default) === '' ? '' : `\`${shown(schema.default)}\``,
      `${schema.description} (${expectation(schema)})`,
    ]);
    return `## [${section}]\n\n${table(['key', 'default', 'what it does'], rows)}`;
  });
  return sections.join('\n');
}

function errorTable(): string {
  const rows = Object.entries(errors).map(([name, [code, text]]) => [String(code), name, text]);
  return table(['code', 'name', 'text'], rows);
}

function exampleConfiguration(): string {
  const sections = Object.entries(keys).map(([section, ofSection]) => {
    const lines = Object.entries(ofSection).map(
      ([key, schema]) =>
        `# ${schema.description}\n${`#${key} = ${shown(schema.default)}`.trimEnd()}\n`,
    );
    return `[${section}]\n${lines.join('\n')}`;
  });
  return `# vmemd reads this from /etc/vmemd/vmemd.conf. What is commented out is the default.\n\n${sections.join('\n')}`;
}

function shown(value: unknown): string {
  return Array.isArray(value) ? value.join(', ') : String(value);
}
