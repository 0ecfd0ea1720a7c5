/** Exit statuses. */
export const Exit = {
  done: 0,
  /** The daemon refused a call, or it failed. */
  failed: 1,
  usage: 2,
  /** No daemon could be connected to; nothing was done. */
  unreachable: 3,
  /** On some of several hosts, VMs or devices. */
  inPart: 4,
} as const;

export type Exit = (typeof Exit)[keyof typeof Exit];

/** A command line that makes no sense; the message says what to do. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
}

/** A command failed; the message says what to do. */
export class CommandError extends Error {
  override readonly name = 'CommandError';
  readonly exit: Exit;

  constructor(message: string, exit: Exit = Exit.failed, options?: ErrorOptions) {
    super(message, options);
    this.exit = exit;
  }
}
