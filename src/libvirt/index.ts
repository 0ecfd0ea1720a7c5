export { Client, type ClientEvent, type ClientOptions } from './client.ts';
export { connectDaemon } from './connectDaemon.ts';
export { Connection, type ConnectionOptions } from './connection.ts';
export * from './constants.ts';
export { Domain, type MemoryStats, type Metadata } from './domain.ts';
export { DeadlineError, LibvirtError, StuckError, UnreachableError } from './error.ts';
export type { DomainEvent } from './events.ts';
export { Host, type DomainStats, type GuestKind } from './host.ts';
export { procedures } from './procedures.ts';
export type {
  DomainInfo,
  DomainRef,
  NodeInfo,
  ParameterValue,
  TypedParameter,
} from './protocol.ts';
export { XdrError } from './xdr.ts';
