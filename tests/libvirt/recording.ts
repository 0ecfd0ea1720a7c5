/** A recorded connection to a real daemon. */
export interface Recording {
  readonly driver: 'test' | 'qemu';
  /** The URI that the daemon opened. */
  readonly name: string;
  /** The daemon's version: MAJOR × 1 000 000 + MINOR × 1 000 + RELEASE. */
  readonly libvirt: number;
  /** Whole packets in order, base64. */
  readonly packets: readonly (readonly ['client' | 'daemon', string])[];
  readonly answers: readonly unknown[];
  readonly events: readonly unknown[];
}
