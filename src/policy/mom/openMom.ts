import type { Logger } from 'pino';
import type { Clock } from '../../common/clock.ts';
import { Mom } from './mom.ts';
import { MomClient } from './momClient.ts';
import { parametersFile } from './parametersFile.ts';

/** The section [mom] of the configuration. */
export interface MomConfig {
  /** Empty if there is no MoM. */
  readonly socket_path: string;
  readonly parameters_path: string;
}

/** Creates the configured MoM with the parameters saved before a restart; never rejects. */
export async function openMom(
  config: MomConfig,
  clock: Clock,
  log: Logger,
  isReadOnly = false,
): Promise<Mom> {
  if (config.socket_path === '') return new Mom({ clock, log });
  const client = new MomClient(config.socket_path, clock);
  // Without parameters, none are sent to MoM when it connects.
  if (isReadOnly) return new Mom({ client, clock, log });
  const file = parametersFile(config.parameters_path, log);
  return new Mom({
    client,
    clock,
    log,
    parameters: (await file.read()) ?? {},
    keep: (parameters) => file.write(parameters),
  });
}
