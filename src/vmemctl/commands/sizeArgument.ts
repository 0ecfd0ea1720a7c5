import { UsageError } from '../exit.ts';
import { parseSize, SizeError } from '../sizes/parseSize.ts';
import type { KiB } from '../../common/units.ts';
import { MiB } from '../../common/units.ts';

/** Reads a size that a person typed; `what` names the option or argument. Throws {@link UsageError}. */
export function readSize(text: string, what: string): KiB {
  try {
    return parseSize(text);
  } catch (error) {
    if (error instanceof SizeError)
      throw new UsageError(`${what}: ${error.message}`, { cause: error });
    throw error;
  }
}

/** Returns a size in whole MiB, rounded up: verbs in MiB then give no less than was asked for. */
export const ceilMiB = (size: KiB): MiB => MiB(Math.ceil(size / 1024));
