import type { HostFiles } from './files.ts';

const FOLDER = 'sys/kernel/mm/ksm';

/** What can be set of the kernel's same-page merging; the names are the kernel's. */
export interface KsmTuning {
  readonly run?: number;
  readonly merge_across_nodes?: number;
  readonly sleep_millisecs?: number;
  readonly pages_to_scan?: number;
}

/** A number that KSM tells, as pages_sharing; undefined without KSM. */
export const ksmNumber = (files: HostFiles, name: string): Promise<number | undefined> =>
  files.number(`${FOLDER}/${name}`);

/** Sets what is given, in the given order; rejects with the kernel's words, for it refuses some combinations. */
export async function tuneKsm(files: HostFiles, tuning: KsmTuning): Promise<void> {
  for (const [name, value] of Object.entries(tuning)) {
    await files.write(`${FOLDER}/${name}`, String(value)).catch((cause: unknown) => {
      throw new Error(`${name} cannot be set to ${String(value)}: ${(cause as Error).message}`, {
        cause,
      });
    });
  }
}
