import type { LevelWithSilent } from 'pino';
import schema from '../../schema/verbs/Host.setLogLevel.ts';
import type { Typed } from '../common/typed.ts';
import { verb } from '../api/verb.ts';

type Level = Typed<typeof schema.params>['level'];

/** pino's levels by VDSM's names. */
const PINO_LEVEL: Readonly<Record<Uppercase<Level>, LevelWithSilent>> = {
  DEBUG: 'debug',
  INFO: 'info',
  WARN: 'warn',
  WARNING: 'warn',
  ERROR: 'error',
  CRIT: 'fatal',
  CRITICAL: 'fatal',
};

export default verb(schema, ({ level }, { rootLog }) => {
  rootLog.level = PINO_LEVEL[level.toUpperCase() as Uppercase<Level>];
  return true as const;
});
