import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join, parse } from 'node:path';
import { format, resolveConfig } from 'prettier';
import { configuration } from '../schema/config.ts';
import { version } from '../src/common/version.ts';
import type { Key } from '../src/config/value.ts';
import { openRpc } from '../src/api/openrpc.ts';
import type { Contract } from '../src/api/verb.ts';
import { daemonPage } from './lib/daemonManual.ts';
import { errorTable, verbIndex, verbSections } from './lib/apiReference.ts';
import { differences, ownVerbs, verbsOfVdsm } from './lib/compatibility.ts';
import { configurationTables, exampleConfiguration } from './lib/configReference.ts';
import { housePicture } from './lib/house.ts';
import { manualPage, reference } from './lib/manual.ts';
import { stateMachine } from './lib/stateMachine.ts';

// Makes what is written in schema/ readable elsewhere; with --check changes nothing and fails where it would.
const root = join(import.meta.dirname, '..');
const isCheck = process.argv.includes('--check');
const keys: Readonly<Record<string, Readonly<Record<string, Key>>>> = configuration;

const contracts = await loadContracts();
const outputs: Readonly<Record<string, () => Promise<string>>> = {
  'docs/api.md': () =>
    filled('docs/api.md', {
      index: verbIndex(contracts),
      errors: errorTable(),
      verbs: verbSections(contracts),
    }),
  'docs/architecture.md': () => filled('docs/architecture.md', { states: stateMachine() }),
  'docs/pictures/house.svg': () => Promise.resolve(housePicture()),
  'docs/compatibility.md': () =>
    filled('docs/compatibility.md', {
      verbs: verbsOfVdsm(contracts),
      own: ownVerbs(contracts),
      differences: differences(),
    }),
  'docs/configuration.md': () =>
    filled('docs/configuration.md', { configuration: configurationTables(keys) }),
  'docs/vmemctl.md': () => filled('docs/vmemctl.md', { commands: reference() }),
  'man/vmemctl.1': () => Promise.resolve(manualPage(version())),
  'man/vmemd.8': () => Promise.resolve(daemonPage(version())),
  'packaging/kubernetes/daemonset.yaml': () => ofThisVersion('packaging/kubernetes/daemonset.yaml'),
  'src/client/contracts.ts': () => Promise.resolve(contractIndex()),
  'schema/openrpc.json': () => Promise.resolve(JSON.stringify(openRpc(contracts, version()))),
  'vmemd.conf.example': () => Promise.resolve(exampleConfiguration(keys)),
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
  if (/\.(example|1|8|svg)$/.test(file)) return text;
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

/** Returns the manifest with this version's tag at each image of vmemd. */
async function ofThisVersion(file: string): Promise<string> {
  const text = await readFile(join(root, file), 'utf8');
  return text.replace(/(?<= image: vmemd:).+/g, version());
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
