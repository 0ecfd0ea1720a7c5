import schema from '../../schema/verbs/Host.setKsmTune.ts';
import { messageOf } from '../common/messageOf.ts';
import { VdsmError } from '../common/errors.ts';
import { verb } from '../api/verb.ts';

export default verb(schema, async ({ tuningParams }, { host }) => {
  await host.tuneKsm(tuningParams).catch((cause: unknown) => {
    throw new VdsmError('KsmError', messageOf(cause), { cause });
  });
  return { code: 0, message: 'Done' } as const;
});
