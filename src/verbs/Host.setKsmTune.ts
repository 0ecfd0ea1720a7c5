import schema from '../../schema/verbs/Host.setKsmTune.ts';
import { VdsmError } from '../errors.ts';
import { verb } from '../verb.ts';

export default verb(schema, async ({ tuningParams }, { host }) => {
  await host.tuneKsm(tuningParams).catch((cause: unknown) => {
    throw new VdsmError('KsmError', (cause as Error).message, { cause });
  });
  return { code: 0, message: 'Done' } as const;
});
