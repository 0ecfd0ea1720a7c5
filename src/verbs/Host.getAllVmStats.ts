import schema from '../../schema/verbs/Host.getAllVmStats.ts';
import { verb } from '../api/verb.ts';
import { unreadableStats, vmStats } from '../vm/report/vmStats.ts';

export default verb(schema, (_, { mom, peer, policy, vms }) => {
  // MoM pings once, maybe before vmemd answers calls, but calls this verb in every round.
  mom.greet(peer);
  policy.noteStatistics(peer);
  const known = vms.list().map((vm) => vmStats(vm));
  return [...known, ...vms.unreadable().map(unreadableStats)];
});
