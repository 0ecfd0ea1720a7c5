import { messageOf } from '../../common/messageOf.ts';
import { KiB } from '../../common/units.ts';
import type { HostFiles } from './files.ts';

const FOLDER = 'sys/kernel/mm/ksm';

const MAX_UINT32 = 4_294_967_295;
/** The kernel's same-page merging settings, each with its maximum; names are the kernel's. */
const MAXIMA = {
  run: 2,
  merge_across_nodes: 2,
  sleep_millisecs: MAX_UINT32,
  pages_to_scan: MAX_UINT32,
} as const;

export type KsmTuning = Readonly<Partial<Record<keyof typeof MAXIMA, number>>>;

/** Reads one of KSM's numbers, such as pages_sharing; undefined without KSM. */
export const ksmNumber = (files: HostFiles, name: string): Promise<number | undefined> =>
  files.number(`${FOLDER}/${name}`);

/** Reads the settings that {@link tuneKsm} writes; unknown ones are absent. */
export async function ksmSettings(files: HostFiles): Promise<KsmTuning> {
  const names = Object.keys(MAXIMA) as (keyof typeof MAXIMA)[];
  const read = await Promise.all(
    names.map(async (name) => [name, await ksmNumber(files, name)] as const),
  );
  return Object.fromEntries(read.filter(([, value]) => value !== undefined));
}

/** What same-page merging does, and how much memory it saves, if that is known. */
export interface Merging {
  readonly run: number;
  readonly saved: KiB | undefined;
}

/** Returns what same-page merging does; undefined on a kernel without it. */
export async function merging(files: HostFiles, page?: KiB): Promise<Merging | undefined> {
  const [run, sharing] = await Promise.all([
    ksmNumber(files, 'run'),
    ksmNumber(files, 'pages_sharing'),
  ]);
  if (run === undefined) return undefined;
  const isKnown = sharing !== undefined && page !== undefined;
  return { run, saved: isKnown ? KiB(sharing * page) : undefined };
}

/** The kernel's same-page merging at one moment. */
export interface KsmState {
  /** Unknown ones are absent. */
  readonly settings: KsmTuning;
  /** How many pages stand for several. */
  readonly pagesShared: number;
  /** Whether the kernel adjusts pages_to_scan by itself, and refuses another value. */
  readonly advises: boolean;
}

/** Returns the state of same-page merging; undefined on a kernel without it. */
export async function ksmState(files: HostFiles): Promise<KsmState | undefined> {
  const [settings, pagesShared, advisor] = await Promise.all([
    ksmSettings(files),
    ksmNumber(files, 'pages_shared'),
    files.text(`${FOLDER}/advisor_mode`),
  ]);
  if (settings.run === undefined || pagesShared === undefined) return undefined;
  return { settings, pagesShared, advises: /\[(?!none)/.test(advisor ?? '') };
}

/**
 * Writes the given settings in their order, all or none. Rejects before the first write for an unknown name or a value
 * out of range, and with the kernel's error if the kernel refuses, as it does for some combinations.
 */
export async function tuneKsm(files: HostFiles, tuning: KsmTuning): Promise<void> {
  for (const entry of Object.entries(tuning)) check(...entry);
  const before = await ksmSettings(files);
  const written: KsmTuning[] = [];
  for (const [name, value] of Object.entries(tuning)) {
    try {
      await set(files, name, value);
    } catch (error) {
      await takeBack(files, written);
      throw error;
    }
    written.push({ [name]: before[name as keyof typeof MAXIMA] });
  }
}

const set = (files: HostFiles, name: string, value: number): Promise<void> =>
  files.write(`${FOLDER}/${name}`, String(value)).catch((cause: unknown) => {
    throw new Error(`${name} cannot be set to ${String(value)}: ${messageOf(cause)}`, { cause });
  });

/** Restores settings, the last first; what the kernel no longer takes stays. */
async function takeBack(files: HostFiles, settings: readonly KsmTuning[]): Promise<void> {
  for (const setting of settings.toReversed()) {
    for (const [name, value] of Object.entries(setting)) {
      await set(files, name, value).catch(() => undefined);
    }
  }
}

function check(name: string, value: number): void {
  if (!Object.hasOwn(MAXIMA, name)) {
    const known = Object.keys(MAXIMA).join(', ');
    throw new Error(`${name.slice(0, 80)} cannot be set; give some of ${known}`);
  }
  const maximum = MAXIMA[name as keyof typeof MAXIMA];
  if (value >= 0 && value <= maximum) return;
  throw new Error(`${name} is ${String(value)}; give a whole number from 0 to ${String(maximum)}`);
}
