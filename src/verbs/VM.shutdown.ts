import schema from '../../schema/verbs/VM.shutdown.ts';
import { Seconds, toMilliseconds } from '../common/units.ts';
import { verb } from '../api/verb.ts';
import { shutdown } from '../vm/actions/power.ts';

/** VDSM's sys_shutdown_timeout. */
const DEFAULT_TIMEOUT_S = 120;

export default verb(schema, async ({ vmID, reboot = false, force = false, timeout }, context) => {
  const seconds = Seconds(timeout ?? DEFAULT_TIMEOUT_S);
  context.note({ taken: { reboot, force, ...(force && { timeout: seconds }) } });
  await shutdown(context.vms.get(vmID), { reboot, force, timeout: toMilliseconds(seconds) });
  return true as const;
});
