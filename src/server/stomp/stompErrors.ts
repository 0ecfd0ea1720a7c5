/** A well-formed frame that cannot be executed. The client gets ERROR and the session continues, as in VDSM. */
export class StompError extends Error {
  override readonly name = 'StompError';
  /** Headers of ERROR besides the message. */
  readonly headers: Readonly<Record<string, string>>;

  constructor(message: string, headers: Readonly<Record<string, string>> = {}) {
    super(message);
    this.headers = headers;
  }
}

/** Bytes or a frame that violate the protocol. The client gets ERROR and the connection is closed. */
export class ProtocolError extends Error {
  override readonly name = 'ProtocolError';
}
