import {
  adaptiveDefaults,
  type AdaptiveParameters,
  adaptiveRanges,
} from '../adaptive/parameters.ts';
import type { PolicyParameters } from '../decide.ts';
import { momDefaults, momRanges } from '../mom/parameters.ts';
import { type Fields, LineError, snakeCase } from './names.ts';

type Ranges = Readonly<Record<string, readonly [least: number, most: number]>>;
/** The settings of an algorithm: their defaults, and the ranges of those that are numbers. */
interface Known {
  readonly defaults: Fields;
  readonly ranges: Ranges;
}

const KNOWN: Readonly<Record<PolicyParameters['algorithm'], Known>> = {
  mom: { defaults: { ...momDefaults }, ranges: momRanges },
  adaptive: { defaults: { ...adaptiveDefaults }, ranges: adaptiveRanges },
};

/**
 * Returns the parameters of a line: those before, changed by what the line names; null stands for the default. Another
 * algorithm begins with its defaults. Throws {@link LineError}.
 */
export function parametersAfter(before: PolicyParameters, given: Fields): PolicyParameters {
  const algorithm = given.algorithm ?? before.algorithm;
  if (algorithm !== 'mom' && algorithm !== 'adaptive') {
    throw new LineError('parameters: algorithm must be mom or adaptive');
  }
  const known = KNOWN[algorithm];
  const kept: Record<string, unknown> = algorithm === before.algorithm ? { ...before } : {};
  for (const [name, value] of Object.entries(given)) {
    if (name === 'algorithm') continue;
    const ours = ourName(name, known);
    if (value === null) Reflect.deleteProperty(kept, ours);
    else kept[ours] = checked(ours, value, known);
  }
  const after = { ...kept, algorithm } as PolicyParameters;
  if (after.algorithm === 'adaptive') requireOrder({ ...adaptiveDefaults, ...after });
  return after;
}

/** With a goal below the reserve, guests would grow into the reserve. */
function requireOrder({ goal, reserve }: AdaptiveParameters): void {
  if (goal >= reserve) return;
  throw new LineError(
    `parameters: goal (${String(goal)}) must be at least reserve (${String(reserve)})`,
  );
}

/** Returns the settings of an algorithm that are given, by their names in lines. */
export const namedSettings = (parameters: PolicyParameters): Fields =>
  Object.fromEntries(
    Object.entries(parameters)
      .filter(([name]) => name !== 'algorithm')
      .map(([name, value]) => [snakeCase(name), value]),
  );

/** Returns the parameters that another program recorded, without those that this one does not have. */
export function knownParameters(recorded: Fields): PolicyParameters {
  const algorithm = recorded.algorithm === 'mom' ? 'mom' : 'adaptive';
  const known = new Set(Object.keys(KNOWN[algorithm].defaults).map(snakeCase));
  const given = Object.entries(recorded).filter(([name]) => known.has(name));
  return parametersAfter(
    { algorithm },
    { ...Object.fromEntries(given), algorithm: recorded.algorithm },
  );
}

function ourName(name: string, known: Known): string {
  const names = Object.keys(known.defaults);
  const found = names.find((ours) => snakeCase(ours) === name);
  if (found !== undefined) return found;
  const list = names.map((ours) => `${snakeCase(ours)} (${wanted(ours, known)})`).join(', ');
  throw new LineError(`parameters: there is no ${name}, use some of: ${list}`);
}

function checked(name: string, value: unknown, known: Known): unknown {
  if (isRight(name, value, known)) return value;
  throw new LineError(`parameters: ${snakeCase(name)} must be ${wanted(name, known)}`);
}

function isRight(name: string, value: unknown, { defaults, ranges }: Known): boolean {
  const range = ranges[name];
  if (range) return typeof value === 'number' && value >= range[0] && value <= range[1];
  if (typeof defaults[name] === 'boolean') return typeof value === 'boolean';
  return value === 'vdsm' || value === 'mom-doc';
}

function wanted(name: string, { defaults, ranges }: Known): string {
  const range = ranges[name];
  if (range) return `a number from ${String(range[0])} to ${String(range[1])}`;
  return typeof defaults[name] === 'boolean' ? 'true or false' : 'vdsm or mom-doc';
}
