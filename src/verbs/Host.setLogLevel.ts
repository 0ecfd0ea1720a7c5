import schema from '../../schema/verbs/Host.setLogLevel.ts';
import { verb } from '../verb.ts';

/** VDSM's names of levels, in pino's. */
const PINO_LEVEL = {
  DEBUG: 'debug',
  INFO: 'info',
  WARN: 'warn',
  WARNING: 'warn',
  ERROR: 'error',
  CRIT: 'fatal',
  CRITICAL: 'fatal',
} as const;

export default verb(schema, ({ level }, { rootLog }) => {
  rootLog.level = PINO_LEVEL[level];
  return Promise.resolve(true);
});
