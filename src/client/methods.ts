import type { contracts } from './contracts.ts';
import type VmMemory from '../../schema/events/VM_memory.ts';
import type VmStatus from '../../schema/events/VM_status.ts';
import type { Typed } from '../common/typed.ts';

type Contracts = typeof contracts;

/** The name of a verb: `Namespace.verb`. */
export type Method = keyof Contracts;
/** The params of a verb, by name. */
export type Params<M extends Method> = Typed<Contracts[M]['params']>;
export type Result<M extends Method> = Typed<Contracts[M]['result']>;

/** What an event reports of one VM, by the kind of event. */
export interface EventDetails {
  readonly VM_memory: Typed<(typeof VmMemory)['params']['additionalProperties']>;
  readonly VM_status: Typed<(typeof VmStatus)['params']['additionalProperties']>;
}
