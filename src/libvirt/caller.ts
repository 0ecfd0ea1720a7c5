import type { Procedure } from './procedures.ts';

/** Bounds one call: milliseconds until it fails, and a signal that ends the wait at once. */
export interface CallOptions {
  readonly timeout?: number | undefined;
  readonly signal?: AbortSignal | undefined;
}

/** Whatever carries calls to a daemon: a connection, or a client that reconnects. */
export interface Caller {
  /** Rejects with LibvirtError, XdrError for what cannot be carried, or the signal's reason. */
  call<A, R>(procedure: Procedure<A, R>, args: A, options?: CallOptions): Promise<R>;
}
