import schema from '../../schema/verbs/VM.shutdown.ts';
import { Seconds, toMilliseconds } from '../common/units.ts';
import { verb } from '../api/verb.ts';
import { shutdown } from '../vm/actions/power.ts';

/** VDSM's sys_shutdown_timeout. */
const DEFAULT_TIMEOUT_S = 120;

export default verb(schema, async ({ vmID, reboot = false, force = false, timeout }, { vms }) => {
  const hotplugTimeouts = toMilliseconds(Seconds(timeout ?? DEFAULT_TIMEOUT_S));
  await shutdown(vms.get(vmID), { reboot, force, timeout: hotplugTimeouts });
  return true as const;
});
