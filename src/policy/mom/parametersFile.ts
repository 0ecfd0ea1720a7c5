import type { Logger } from 'pino';
import { StateFile } from '../../common/stateFile.ts';
import { type MomParameters, PARAMETERS } from './momParameters.ts';

const MESSAGES = {
  reading: "MoM's parameters could not be read; none are in force until they are set",
  writing: "MoM's parameters could not be written; they are lost when vmemd restarts",
};

/** Returns the file that keeps MoM's parameters over restarts of vmemd; errors are logged. */
export const parametersFile = (path: string, log: Logger): StateFile<MomParameters> =>
  new StateFile({
    path,
    parse: parametersIn,
    onError: (action, err) => {
      log.warn({ err, path }, MESSAGES[action]);
    },
  });

function parametersIn(value: unknown): MomParameters {
  if (isParameters(value)) return value;
  throw new Error(`expected only ${PARAMETERS.join(', ')}, true or false`);
}

const known: ReadonlySet<string> = new Set(PARAMETERS);

const isParameters = (value: unknown): value is MomParameters =>
  typeof value === 'object' &&
  value !== null &&
  !Array.isArray(value) &&
  Object.entries(value).every(([name, each]) => known.has(name) && typeof each === 'boolean');
