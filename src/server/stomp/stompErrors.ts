/** A frame that is well-formed but asks for what cannot be: answered by ERROR, the session goes on, as in VDSM. */
export class StompError extends Error {
  override readonly name = 'StompError';
  /** What ERROR tells besides the message. */
  readonly headers: Readonly<Record<string, string>>;

  constructor(message: string, headers: Readonly<Record<string, string>> = {}) {
    super(message);
    this.headers = headers;
  }
}

/** Bytes or a frame after which nothing of the session can be trusted: ERROR, then the connection ends. */
export class ProtocolError extends Error {
  override readonly name = 'ProtocolError';
}
