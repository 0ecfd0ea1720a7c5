import { adaptiveDefaults } from '../adaptive/parameters.ts';
import type { PolicyParameters } from '../decide.ts';
import { momDefaults } from '../mom/parameters.ts';
import { type Fields, LineError, snakeCase } from './names.ts';

const DEFAULTS = { mom: momDefaults, adaptive: adaptiveDefaults } as const;

/** Returns the parameters of a line: those before, changed by what the line names. Throws {@link LineError}. */
export function parametersAfter(before: PolicyParameters, given: Fields): PolicyParameters {
  const algorithm = given.algorithm ?? before.algorithm;
  if (algorithm !== 'mom' && algorithm !== 'adaptive') {
    throw new LineError('parameters: algorithm must be mom or adaptive');
  }
  const defaults: Fields = { ...DEFAULTS[algorithm] };
  const kept = algorithm === before.algorithm ? before : {};
  const changed = Object.entries(given).flatMap(([name, value]) =>
    name === 'algorithm' ? [] : [[ourName(name, defaults), value] as const],
  );
  for (const [name, value] of changed) check(name, value, defaults[name]);
  return { ...kept, ...Object.fromEntries(changed), algorithm };
}

/** Returns the parameters that another program recorded, without those that this one does not have. */
export function knownParameters(recorded: Fields): PolicyParameters {
  const algorithm = recorded.algorithm === 'mom' ? 'mom' : 'adaptive';
  const known = new Set(Object.keys(DEFAULTS[algorithm]).map(snakeCase));
  const given = Object.entries(recorded).filter(([name]) => known.has(name));
  return parametersAfter(
    { algorithm },
    { ...Object.fromEntries(given), algorithm: recorded.algorithm },
  );
}

function ourName(name: string, defaults: Fields): string {
  const known = Object.keys(defaults);
  const found = known.find((ours) => snakeCase(ours) === name);
  if (found !== undefined) return found;
  const names = known.map(snakeCase).join(', ');
  throw new LineError(`parameters: there is no ${name}, use some of: ${names}`);
}

function check(name: string, value: unknown, usual: unknown): void {
  const isRight =
    typeof usual === 'number' ? typeof value === 'number' && value >= lowest(name)
    : typeof usual === 'boolean' ? typeof value === 'boolean'
    : value === 'vdsm' || value === 'mom-doc';
  if (isRight) return;
  const wanted =
    typeof usual === 'number' ? 'a number that is not negative'
    : typeof usual === 'boolean' ? 'true or false'
    : 'vdsm or mom-doc';
  throw new LineError(`parameters: ${snakeCase(name)} must be ${wanted}`);
}

/** MoM's offset in critical pressure is below 0. */
const lowest = (name: string): number => (name === 'criticalOffset' ? -1 : 0);
