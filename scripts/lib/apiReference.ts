import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { errors, type ErrorName } from '../../src/common/errors.ts';
import type { Contract } from '../../src/api/verb.ts';
import { fieldsOf, type Schema, typeOf } from './fields.ts';
import { anchor, code, jsonBlock, plain, table } from './markdown.ts';

type Contracts = ReadonlyMap<string, Contract>;

/** Returns a table of all verbs with links to their sections. */
export function verbIndex(contracts: Contracts): string {
  const rows = [...contracts].map(([name, { access, since, stability }]) => [
    `[${code(name)}](#${anchor(name)})`,
    access,
    since,
    stability,
  ]);
  return table(['verb', 'class', 'since', 'stability'], rows);
}

/** Returns one section per verb. */
export function verbSections(contracts: Contracts): string {
  const shapes = new Map<string, string>();
  const sections = [...contracts].map(([name, contract]) => verbSection(name, contract, shapes));
  return sections.join('\n');
}

export function errorTable(): string {
  const rows = Object.entries(errors).map(([name, [number, text]]) => [String(number), name, text]);
  return table(['code', 'name', 'text'], rows);
}

/** `shapes`: the verb by the members of its result, for those before this one. */
function verbSection(name: string, contract: Contract, shapes: Map<string, string>): string {
  const { access, since, stability, description } = contract;
  return [
    `### ${name}\n`,
    `Class ${access}, since ${since}, ${stability}.\n`,
    `${plain(description)}\n`,
    paramsPart(contract.params as Schema),
    resultPart(name, contract.result as Schema, shapes),
    errorsPart(contract.errors),
    examplePart(name),
  ]
    .filter((part) => part !== '')
    .join('\n');
}

function paramsPart(params: Schema): string {
  const fields = fieldsOf(params);
  if (fields.length === 0) return 'No parameters.\n';
  return fieldTable('parameter', fields, ['required', 'optional']);
}

const LONG_RESULT = 20;

function resultPart(name: string, result: Schema, shapes: Map<string, string>): string {
  const lead = `Result: ${typeOf(result)}. ${plain(result.description ?? '')}`.trimEnd();
  const fields = fieldsOf(result);
  if (fields.length === 0) return `${lead}\n`;
  const shape = JSON.stringify(fieldsOf(result.items ?? result));
  const other = fields.length < LONG_RESULT ? undefined : shapes.get(shape);
  if (other !== undefined) return `${lead} Members as in [${other}](#${anchor(other)}).\n`;
  shapes.set(shape, name);
  return `${lead}\n\n${fieldTable('member', fields, ['always', 'may be absent'])}`;
}

function fieldTable(
  head: string,
  fields: ReturnType<typeof fieldsOf>,
  [required, optional]: readonly [string, string],
): string {
  const rows = fields.map(({ path, type, isRequired }) => [
    code(path),
    type,
    isRequired ? required : optional,
  ]);
  return table([head, 'type', 'presence'], rows);
}

function errorsPart(names: readonly ErrorName[]): string {
  if (names.length === 0) return '';
  return `Errors: ${names.map((name) => `${String(errors[name][0])} ${name}`).join(', ')}.\n`;
}

interface Exchange {
  readonly name: string;
  readonly given?: string;
  readonly params?: unknown;
  readonly result?: unknown;
}

const LONGEST_EXAMPLE = 900;

/** Returns the first recorded exchange that succeeded and is short enough to read. */
function examplePart(name: string): string {
  const file = join(import.meta.dirname, '../../fixtures/verbs', `${name}.json`);
  const exchanges = JSON.parse(readFileSync(file, 'utf8')) as readonly Exchange[];
  const all = `[fixtures/verbs/${name}.json](../fixtures/verbs/${name}.json)`;
  const example = exchanges.find(
    ({ result }) =>
      result !== undefined &&
      JSON.stringify(result) !== '[]' &&
      JSON.stringify(result).length <= LONGEST_EXAMPLE,
  );
  if (example === undefined) return `Examples: ${all}.\n`;
  const { given, params = {}, result } = example;
  const setting = [example.name, given].filter((part) => part !== undefined).join('; given ');
  const request = { method: name, params: readable(params) };
  return `Example (${setting}), one of those in ${all}:\n\n${jsonBlock({ request, result: readable(result) })}`;
}

/** Returns a recorded value with `…` for what differs each time. */
function readable(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(readable);
  if (typeof value !== 'object' || value === null) return value;
  if ('$matches' in value) return '…';
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, readable(inner)]));
}
