import { code } from './markdown.ts';

/** The parts of JSON Schema that schema/ uses. */
export interface Schema {
  readonly const?: unknown;
  readonly enum?: readonly unknown[];
  readonly anyOf?: readonly Schema[];
  readonly type?: string;
  readonly format?: string;
  readonly pattern?: string;
  readonly minimum?: number;
  readonly maximum?: number;
  readonly items?: Schema;
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly required?: readonly string[];
  readonly additionalProperties?: boolean | Schema;
  readonly description?: string;
}

/** A member of an object, by its path: `plan[].alias`. */
export interface Field {
  readonly path: string;
  readonly type: string;
  readonly isRequired: boolean;
}

/** Returns the words for a schema's type. */
export function typeOf(schema: Schema): string {
  if ('const' in schema) return code(JSON.stringify(schema.const));
  if (schema.enum) return schema.enum.map((value) => code(String(value))).join(', ');
  if (schema.anyOf) return [...new Set(schema.anyOf.map(typeOf))].join(' or ');
  if (schema.type === 'array') return `list of ${plural(typeOf(schema.items ?? {}))}`;
  if (schema.type === 'object') return objectType(schema);
  return scalarType(schema);
}

function objectType({ properties, additionalProperties: other }: Schema): string {
  if (properties || typeof other !== 'object') return 'object';
  return `object of ${plural(typeOf(other))} by key`;
}

function scalarType(schema: Schema): string {
  const { type = 'any value', format, pattern } = schema;
  if (format === 'uuid') return 'UUID';
  if (pattern?.startsWith('^-?\\d+')) {
    return pattern.includes('.') ? 'decimal fraction as text' : 'whole number as text';
  }
  if (type === 'string') return 'text';
  if (type !== 'integer') return type;
  return ['integer', format === 'Seconds' ? 'seconds' : format, bounds(schema)]
    .filter((part) => part !== undefined)
    .join(', ');
}

function bounds({ minimum = 0, maximum }: Schema): string | undefined {
  if (maximum !== undefined) return `${String(minimum)} to ${String(maximum)}`;
  return minimum === 0 ? undefined : `at least ${String(minimum)}`;
}

const plural = (type: string): string =>
  ['object', 'integer', 'number'].includes(type) ? `${type}s` : type;

/** Returns all members of a schema, those of inner objects after the object. */
export function fieldsOf(schema: Schema, prefix = ''): readonly Field[] {
  if (schema.anyOf) return distinct(schema.anyOf.flatMap((each) => fieldsOf(each, prefix)));
  if (schema.items) return fieldsOf(schema.items, `${prefix}[]`);
  const own = Object.entries(schema.properties ?? {}).flatMap(([name, member]) => {
    const path = prefix === '' ? name : `${prefix}.${name}`;
    const isRequired = schema.required?.includes(name) ?? false;
    return [{ path, type: typeOf(member), isRequired }, ...fieldsOf(member, path)];
  });
  const { additionalProperties: other } = schema;
  return typeof other === 'object' ? [...own, ...fieldsOf(other, `${prefix}.*`)] : own;
}

function distinct(fields: readonly Field[]): readonly Field[] {
  const byPath = new Map<string, Field>();
  for (const field of fields) if (!byPath.has(field.path)) byPath.set(field.path, field);
  return [...byPath.values()];
}
