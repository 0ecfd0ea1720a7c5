export type { CallOptions, Caller } from './caller.ts';
export { Client, type ClientEvent, type ClientOptions } from './client.ts';
export * as codec from './codec.ts';
export { Connection, type OpenOptions } from './connection.ts';
export * from './constants.ts';
export { Domain, type MemoryStats, type Metadata } from './domain.ts';
export { DeadlineError, LibvirtError, StuckError, UnreachableError } from './error.ts';
export { errorCode, errorDomain, errorLevel } from './errorNumbers.ts';
export type { DomainEvent } from './events.ts';
export { Host, type DomainStats, type GuestKind } from './host.ts';
export { procedures, type Procedure } from './procedures.ts';
export * as protocol from './protocol.ts';
export type {
  DomainInfo,
  DomainRef,
  NodeInfo,
  ParameterValue,
  TypedParameter,
} from './protocol.ts';
export { XdrError } from './xdr.ts';
