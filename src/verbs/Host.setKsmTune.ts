import schema from '../../schema/verbs/Host.setKsmTune.ts';
import { messageOf } from '../common/messageOf.ts';
import { VdsmError } from '../common/errors.ts';
import { verb } from '../api/verb.ts';

export default verb(schema, async ({ tuningParams }, context) => {
  const { host, ksm } = context;
  const before = await host.ksmSettings();
  try {
    await host.tuneKsm(tuningParams);
    ksm.pin();
  } catch (cause) {
    throw new VdsmError('KsmError', messageOf(cause), { cause });
  } finally {
    context.note({ before: { ksm: before }, after: { ksm: await host.ksmSettings() } });
  }
  return { code: 0, message: 'Done' } as const;
});
