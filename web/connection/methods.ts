import type { Typed } from '../../src/common/typed.ts';
import type explainPolicy from '../../schema/verbs/Host.explainPolicy.ts';
import type hostAudit from '../../schema/verbs/Host.getAuditTrail.ts';
import type hostHistory from '../../schema/verbs/Host.getMemoryHistory.ts';
import type overview from '../../schema/verbs/Host.getOverview.ts';
import type setPolicy from '../../schema/verbs/Host.setPolicy.ts';
import type audit from '../../schema/verbs/VM.getAuditTrail.ts';
import type history from '../../schema/verbs/VM.getMemoryHistory.ts';
import type devices from '../../schema/verbs/VM.getMemoryDevices.ts';
import type job from '../../schema/verbs/VM.getMemoryJob.ts';
import type setBalloonTarget from '../../schema/verbs/VM.setBalloonTarget.ts';
import type setGuaranteedMemory from '../../schema/verbs/VM.setGuaranteedMemory.ts';
import type setMemory from '../../schema/verbs/VM.setMemory.ts';

/** The verbs that the page calls. */
interface Contracts {
  'Host.explainPolicy': typeof explainPolicy;
  'Host.getAuditTrail': typeof hostAudit;
  'Host.getMemoryHistory': typeof hostHistory;
  'Host.getOverview': typeof overview;
  'Host.setPolicy': typeof setPolicy;
  'VM.getAuditTrail': typeof audit;
  'VM.getMemoryHistory': typeof history;
  'VM.getMemoryDevices': typeof devices;
  'VM.getMemoryJob': typeof job;
  'VM.setBalloonTarget': typeof setBalloonTarget;
  'VM.setGuaranteedMemory': typeof setGuaranteedMemory;
  'VM.setMemory': typeof setMemory;
}

export type Method = keyof Contracts;
export type Params<M extends Method> = Typed<Contracts[M]['params']>;
export type Result<M extends Method> = Typed<Contracts[M]['result']>;

export type Host = Result<'Host.getOverview'>['host'];
export type Vm = Result<'Host.getOverview'>['vms'][number];
export type Device = Result<'VM.getMemoryDevices'>[number];
export type Job = Result<'VM.getMemoryJob'>;
export type AuditEntry = Result<'VM.getAuditTrail'>['entries'][number];
