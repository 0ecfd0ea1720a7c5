import { messageOf } from '../../common/messageOf.ts';
import { UsageError } from '../exit.ts';
import { didYouMean } from '../names/similar.ts';
import { parseSize, SizeError } from '../sizes/parseSize.ts';
import type { MethodContract, Shape } from './methods.ts';

/** Reads `name=value` words; throws {@link UsageError}. */
export function readParams(
  words: readonly string[],
  method: MethodContract,
): Record<string, unknown> {
  return Object.fromEntries(words.map((word) => readParam(word, method)));
}

function readParam(word: string, method: MethodContract): [string, unknown] {
  const at = word.indexOf('=');
  if (at < 1) throw new UsageError(`"${word}" is no param; write ${usageOf(method)}.`);
  const [name, text] = [word.slice(0, at), word.slice(at + 1)];
  const shape = Object.hasOwn(method.params, name) ? method.params[name] : undefined;
  if (!shape) {
    const names = Object.keys(method.params);
    const hint = didYouMean(name, names) || ` Its params are ${names.join(', ') || 'none'}.`;
    throw new UsageError(`${method.name} has no param "${name}".${hint}`);
  }
  const read =
    isStructure(shape) ? readJson
    : UNITS.has(shape.format ?? '') && !/^-?\d*$/.test(text) ? readSize(shape.format)
    : asText;
  return [name, read(name, text)];
}

/** The daemon reads numbers and truth values in text, as vdsm-client sends them. */
const asText = (_: string, text: string): unknown => text;

/** Throws {@link UsageError} if a param is missing. */
export function checkRequired(params: object, method: MethodContract): void {
  const missing = [...method.required].filter((name) => !Object.hasOwn(params, name));
  if (missing.length === 0) return;
  throw new UsageError(
    `${method.name} needs ${missing.map((name) => `${name}=…`).join(' and ')}; see vmemctl ${method.name.replace('.', ' ')} --help.`,
  );
}

/** Returns how to call a method with its required params. */
export const usageOf = ({ name, required }: MethodContract): string =>
  ['vmemctl', ...name.split('.'), ...[...required].map((param) => `${param}=…`)].join(' ');

const isStructure = ({ type, anyOf }: Shape): boolean =>
  type === 'object' || type === 'array' || (anyOf?.some(isStructure) ?? false);

/** KiB in one of the units that params have. */
const UNITS: ReadonlyMap<string, number> = new Map([
  ['KiB', 1],
  ['MiB', 1024],
]);

/** Returns the function that reads a size with a unit, such as 2G, into a number of this one. */
const readSize =
  (format = 'KiB') =>
  (name: string, text: string): number => {
    try {
      const amount = parseSize(text) / (UNITS.get(format) ?? 1);
      if (Number.isInteger(amount)) return amount;
      throw new SizeError(`${text} is no whole number of ${format}.`);
    } catch (cause) {
      if (!(cause instanceof SizeError)) throw cause;
      throw new UsageError(`${name}: ${cause.message}`, { cause });
    }
  };

function readJson(name: string, text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new UsageError(
      `${name}: "${text}" is no JSON (${messageOf(cause)}); write it in quotes, or use -f.`,
      { cause },
    );
  }
}
