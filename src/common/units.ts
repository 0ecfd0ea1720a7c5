declare const unit: unique symbol;
type Quantity<U extends string> = number & { readonly [unit]: U };

/** Kibibytes: libvirt's native unit, and VDSM's for balloon values. */
export type KiB = Quantity<'KiB'>;
/** Bytes: Prometheus's unit for sizes. */
export type Bytes = Quantity<'B'>;
/** Mebibytes: VDSM's unit for memory sizes and guarantees. */
export type MiB = Quantity<'MiB'>;
/** Whole seconds: libvirt's unit for statistics periods. */
export type Seconds = Quantity<'s'>;
/** Milliseconds: the unit of deadlines and of the clock. */
export type Milliseconds = Quantity<'ms'>;

export const KiB = (n: number): KiB => n as KiB;
const Bytes = (n: number): Bytes => n as Bytes;
export const MiB = (n: number): MiB => n as MiB;
export const Seconds = (n: number): Seconds => n as Seconds;
export const Milliseconds = (n: number): Milliseconds => n as Milliseconds;

const BYTES_PER_KIB = 1024;
const KIB_PER_MIB = 1024;

/** The same amount in KiB, exactly. */
export const toKiB = (size: MiB): KiB => KiB(size * KIB_PER_MIB);
/** The same amount in bytes, exactly. */
export const toBytes = (size: KiB): Bytes => Bytes(size * BYTES_PER_KIB);
/** The same amount in whole MiB, rounded down as VDSM and the engine do. */
export const floorMiB = (size: KiB): MiB => MiB(Math.floor(size / KIB_PER_MIB));
/** The same duration in milliseconds. */
export const toMilliseconds = (duration: Seconds): Milliseconds => Milliseconds(duration * 1000);
/** Converts bytes to whole MiB, rounded down as the engine does in its REST API. */
export const floorBytes = (bytes: number): MiB =>
  MiB(Math.floor(bytes / BYTES_PER_KIB / KIB_PER_MIB));
