import type { PolicyParameters } from '../decide.ts';
import { type Fields, LineError } from './names.ts';
import { parametersAfter } from './parameters.ts';

/**
 * Returns the parameters of the configuration: an algorithm and settings of it as texts such as `goal=0.15`. Throws
 * {@link LineError}.
 */
export function configuredParameters(
  algorithm: PolicyParameters['algorithm'],
  settings: readonly string[],
): PolicyParameters {
  const given = settings.map((setting) => {
    const [name = '', ...value] = setting.split('=');
    if (value.length === 0) {
      throw new LineError(`parameters: "${setting}" has no value; give it as goal=0.15`);
    }
    return [name.trim(), valueOf(value.join('=').trim())] as const;
  });
  return parametersOf({ algorithm }, algorithm, Object.fromEntries(given));
}

/** Returns the parameters of an algorithm after settings that are no choice of one. Throws {@link LineError}. */
export function parametersOf(
  before: PolicyParameters,
  algorithm: PolicyParameters['algorithm'],
  settings: Fields,
): PolicyParameters {
  if (Object.hasOwn(settings, 'algorithm')) {
    throw new LineError('parameters: algorithm is none of them; give it beside the parameters');
  }
  return parametersAfter(before, { ...settings, algorithm });
}

function valueOf(text: string): unknown {
  if (text === 'true' || text === 'false') return text === 'true';
  return /^-?\d+(\.\d+)?$/.test(text) ? Number(text) : text;
}
