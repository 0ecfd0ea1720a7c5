import type cont from '../../../schema/verbs/VM.cont.ts';
import type destroy from '../../../schema/verbs/VM.destroy.ts';
import type dumpxmls from '../../../schema/verbs/Host.dumpxmls.ts';
import type getAllVmStats from '../../../schema/verbs/Host.getAllVmStats.ts';
import type getOverview from '../../../schema/verbs/Host.getOverview.ts';
import type discover from '../../../schema/verbs/rpc.discover.ts';
import type getBalloonInfo from '../../../schema/verbs/VM.getBalloonInfo.ts';
import type getMemoryDevices from '../../../schema/verbs/VM.getMemoryDevices.ts';
import type getMemoryJob from '../../../schema/verbs/VM.getMemoryJob.ts';
import type getMemoryUsage from '../../../schema/verbs/VM.getMemoryUsage.ts';
import type getNextRun from '../../../schema/verbs/VM.getNextRun.ts';
import type getStats from '../../../schema/verbs/VM.getStats.ts';
import type reset from '../../../schema/verbs/VM.reset.ts';
import type setGuaranteedMemory from '../../../schema/verbs/VM.setGuaranteedMemory.ts';
import type setMemory from '../../../schema/verbs/VM.setMemory.ts';
import type setNextRun from '../../../schema/verbs/VM.setNextRun.ts';
import type shutdown from '../../../schema/verbs/VM.shutdown.ts';
import type { Typed } from '../../common/typed.ts';
import type { Call } from '../../jsonrpc/call.ts';
import type { Origin } from '../../jsonrpc/request.ts';
import { faultOf } from './fault.ts';

/** The verbs that resources use. */
interface Contracts {
  'Host.dumpxmls': typeof dumpxmls;
  'Host.getAllVmStats': typeof getAllVmStats;
  'Host.getOverview': typeof getOverview;
  'VM.cont': typeof cont;
  'VM.destroy': typeof destroy;
  'VM.getBalloonInfo': typeof getBalloonInfo;
  'VM.getMemoryDevices': typeof getMemoryDevices;
  'VM.getMemoryJob': typeof getMemoryJob;
  'VM.getMemoryUsage': typeof getMemoryUsage;
  'VM.getNextRun': typeof getNextRun;
  'VM.getStats': typeof getStats;
  'VM.reset': typeof reset;
  'VM.setGuaranteedMemory': typeof setGuaranteedMemory;
  'VM.setMemory': typeof setMemory;
  'VM.setNextRun': typeof setNextRun;
  'VM.shutdown': typeof shutdown;
  'rpc.discover': typeof discover;
}

type Method = keyof Contracts;

/** The result of a verb. */
export type Result<M extends Method> = Typed<Contracts[M]['result']>;

/** Calls a verb; throws its error as a {@link Fault}. */
export type VerbClient = <M extends Method>(
  method: M,
  params: Typed<Contracts[M]['params']>,
) => Promise<Result<M>>;

/**
 * Creates a client of verbs, with the limits, logs and metrics of every other client; calls `onAudited` if the log has a
 * line about a call, since it has changed something or would have.
 */
export const createVerbClient =
  (call: Call, origin: Origin, onAudited: () => void = () => undefined): VerbClient =>
  async (method, params) => {
    const encode = (result: unknown): Result<typeof method> => result as Result<typeof method>;
    const outcome = await call(method, params, origin, encode);
    if (outcome.isAudited === true) onAudited();
    if (outcome.ok) return outcome.result;
    throw faultOf(outcome.error);
  };
