import type { Procedure } from './procedures.ts';

/** Limits one call: a timeout in milliseconds, and a signal that ends it at once. */
export interface CallOptions {
  readonly timeout?: number | undefined;
  readonly signal?: AbortSignal | undefined;
}

/** Sends calls to a daemon: a connection, or a client that reconnects. */
export interface Caller {
  /** Rejects with LibvirtError, with XdrError for arguments that cannot be encoded, or with the signal's reason. */
  call<A, R>(procedure: Procedure<A, R>, args: A, options?: CallOptions): Promise<R>;
}
