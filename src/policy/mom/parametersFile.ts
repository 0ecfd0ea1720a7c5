import type { Logger } from 'pino';
import { StateFile } from '../../common/stateFile.ts';
import { type MomParameters, PARAMETERS } from './momParameters.ts';

/** A file of before version 1 has the parameters alone. */
const VERSION = 1;

const MESSAGES = {
  reading: "MoM's parameters could not be read; none are in force until they are set",
  writing:
    "MoM's parameters could not be written; they are tried again, and lost if vmemd restarts before",
  recovered: "MoM's parameters are written now",
};

/** Returns the file that keeps MoM's parameters over restarts of vmemd; errors are logged. */
export const parametersFile = (path: string, log: Logger): StateFile<MomParameters> =>
  new StateFile({
    path,
    version: VERSION,
    parse: parametersIn,
    onError: (action, err) => {
      log.warn({ err, path }, MESSAGES[action]);
    },
    onRecovery: () => {
      log.info({ path }, MESSAGES.recovered);
    },
  });

function parametersIn(value: unknown): MomParameters {
  const { version = VERSION, ...parameters } = Object(value) as Record<string, unknown>;
  if (version === VERSION && isObject(value) && areParameters(parameters)) return parameters;
  throw new Error(`expected only ${PARAMETERS.join(', ')}, true or false`);
}

const known: ReadonlySet<string> = new Set(PARAMETERS);

const isObject = (value: unknown): boolean =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const areParameters = (value: Record<string, unknown>): value is MomParameters =>
  Object.entries(value).every(([name, each]) => known.has(name) && typeof each === 'boolean');
