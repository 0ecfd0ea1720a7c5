import schema from '../../schema/verbs/Host.setPolicy.ts';
import { verb } from '../api/verb.ts';
import { VdsmError } from '../common/errors.ts';
import { omitUndefined } from '../common/omitUndefined.ts';
import { LineError } from '../policy/decide/lines/names.ts';
import { namedSettings } from '../policy/decide/lines/parameters.ts';

export default verb(schema, async (change, { policy }) => {
  const { mode, algorithm, parameters, since, by } = await policy
    .setPolicy(change)
    .catch((error: unknown) => {
      if (!(error instanceof LineError)) throw error;
      throw new VdsmError('InvalidParameter', error.message, { cause: error });
    });
  return omitUndefined({
    mode,
    algorithm,
    parameters: namedSettings(parameters),
    by,
    since: since === undefined ? undefined : new Date(since).toISOString(),
    not_acting_because: mode === 'act' ? policy.obstacle : undefined,
  });
});
