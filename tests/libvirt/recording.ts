/** A conversation with a real daemon, as it went over one connection. */
export interface Recording {
  readonly driver: 'test' | 'qemu';
  /** The URI that the daemon was asked to open. */
  readonly name: string;
  /** The daemon's version: MAJOR × 1 000 000 + MINOR × 1 000 + RELEASE. */
  readonly libvirt: number;
  /** Whole packets in the order in which they passed, base64. */
  readonly packets: readonly (readonly ['client' | 'daemon', string])[];
  readonly answers: readonly unknown[];
  readonly events: readonly unknown[];
}
