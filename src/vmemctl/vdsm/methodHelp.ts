import { wrap } from '../output/width.ts';
import { vdsmJson } from '../vdsmJson.ts';
import type { MethodContract, Shape } from './methods.ts';
import { USUAL_WIDTH } from './namespaceHelp.ts';
import { usageOf } from './readParams.ts';

/** Returns what a method does, its params, and a JSON skeleton to edit. */
export function methodHelp(method: MethodContract, columns = USUAL_WIDTH): string {
  const params = Object.entries(method.params);
  const longest = Math.max(0, ...params.map(([name]) => name.length));
  const lines = params.map(([name, shape]) => {
    const optional = method.required.has(name) ? '' : ' (optional)';
    return `  ${name.padEnd(longest)}  ${kindOf(shape)}${optional}\n`;
  });
  const skeleton = Object.fromEntries(params.map(([name, shape]) => [name, exampleOf(shape)]));
  return [
    `Usage: ${usageOf(method)}${method.required.size < params.length ? ' [name=value …]' : ''}\n`,
    ...wrap(`${method.description} Needs the class ${method.access}.`, columns),
    ...(params.length === 0 ?
      ['\nIt has no params.']
    : [
        `\nParams:\n${lines.join('')}`,
        `The same as JSON, for -f FILE, -f - and vmemctl call:\n${vdsmJson(skeleton)}`,
      ]),
  ].join('\n');
}

/** Returns the kind of a value in words. */
function kindOf(shape: Shape): string {
  const { type = '', format = '', anyOf, items } = shape;
  const fixed = 'const' in shape ? [shape.const] : shape.enum;
  if (fixed) return fixed.map(String).join(' or ');
  if (anyOf) return [...new Set(anyOf.map(kindOf))].join(' or ');
  if (type === 'array') return `list of ${items ? kindOf(items) : 'any values'}`;
  return KINDS[format] ?? KINDS[type] ?? 'any value';
}

/** By format, then by type. */
const KINDS: Readonly<Record<string, string>> = {
  uuid: 'UUID, name, or the beginning of either',
  KiB: 'KiB, or with a unit as 2G',
  MiB: 'MiB, or with a unit as 2G',
  Seconds: 'seconds',
  string: 'text',
  boolean: 'true or false',
  integer: 'integer',
  number: 'number',
  object: 'object',
  null: 'null',
};

/** Returns a value of this shape for a user to replace. */
function exampleOf(shape: Shape): unknown {
  const { type = '', format = '', anyOf, items } = shape;
  const fixed = 'const' in shape ? [shape.const] : shape.enum;
  if (fixed) return fixed[0];
  if (anyOf) return exampleOf(anyOf[0] ?? {});
  if (type === 'array') return items ? [exampleOf(items)] : [];
  return type === 'object' ? exampleObject(shape) : (EXAMPLES[format] ?? EXAMPLES[type] ?? 'TEXT');
}

function exampleObject({ properties = {}, required = [] }: Shape): object {
  const shown = required.length > 0 ? required : Object.keys(properties);
  return Object.fromEntries(shown.map((name) => [name, exampleOf(properties[name] ?? {})]));
}

const EXAMPLES: Readonly<Record<string, unknown>> = {
  uuid: 'UUID',
  boolean: false,
  integer: 0,
  number: 0,
};
