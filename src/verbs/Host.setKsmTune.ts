import schema from '../../schema/verbs/Host.setKsmTune.ts';
import { VdsmError } from '../common/errors.ts';
import { verb } from '../api/verb.ts';

export default verb(schema, async ({ tuningParams }, { host }) => {
  await host.tuneKsm(tuningParams).catch((cause: unknown) => {
    throw new VdsmError('KsmError', (cause as Error).message, { cause });
  });
  return { code: 0, message: 'Done' } as const;
});
