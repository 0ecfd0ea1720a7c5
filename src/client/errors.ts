/** A call failed, or the connection for it; the message says why. */
export abstract class ClientError extends Error {}

/** A try to connect. */
export interface Attempt {
  /** Where to: a path or a URL. */
  readonly where: string;
  /** Why it failed. */
  readonly reason: string;
  /** Whether a daemon is there that does not admit this client. */
  readonly isRefused: boolean;
  /** What has to be mended, where it is certificates: this client's files, or the daemon's own. */
  readonly fault?: Fault | undefined;
}

export type Fault = 'own-files' | 'daemon-certificate';

/** No daemon could be reached. */
export class UnreachableError extends ClientError {
  override readonly name: string = 'UnreachableError';
  readonly attempts: readonly Attempt[];

  constructor(attempts: readonly Attempt[], options?: ErrorOptions) {
    const tried = attempts.map(({ where, reason }) => `${where} (${reason})`).join(', ');
    super(`cannot connect to ${tried}`, options);
    this.attempts = attempts;
  }
}

/** A daemon does not admit this client, by its certificate or by its user. Nothing was called. */
export class RefusedError extends UnreachableError {
  override readonly name = 'RefusedError';
}

/** The connection ended before a reply; whether the call was carried out is unknown. */
export class ConnectionLostError extends ClientError {
  override readonly name = 'ConnectionLostError';
}

/** No reply came in time; whether the call was or will be carried out is unknown. */
export class CallTimeoutError extends ClientError {
  override readonly name = 'CallTimeoutError';
}

/** An error reply. */
export interface Failure {
  /** A code of VDSM or JSON-RPC. */
  readonly code: number;
  readonly message: string;
  readonly data?: FailureData | undefined;
}

export interface FailureData {
  /** Names the request in the daemon's log. */
  readonly flowId?: string;
  /** The memory job of the failed call; see VM.getMemoryJob. */
  readonly job_id?: string;
}

/** The daemon replied with an error. */
export class CallFailedError extends ClientError {
  override readonly name = 'CallFailedError';
  readonly method: string;
  readonly code: number;
  readonly data: FailureData;

  constructor(method: string, { code, message, data = {} }: Failure) {
    super(message);
    this.method = method;
    this.code = code;
    this.data = data;
  }
}
