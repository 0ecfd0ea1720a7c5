export { KiB, MiB, Milliseconds, Seconds } from '../common/units.ts';
export { Client, type ClientOptions, type Subscription } from './client.ts';
export type { RequestOptions, Traffic } from './connection.ts';
export {
  type Attempt,
  CallFailedError,
  CallTimeoutError,
  ClientError,
  ConnectionLostError,
  type FailureData,
  RefusedError,
  UnreachableError,
} from './errors.ts';
export type { Notice, NoticeListener, VmEvent } from './events.ts';
export type { EventDetails, Method, Params, Result } from './methods.ts';
export { nameOf, type Target, type TlsFiles } from './target.ts';
