import { errorCode, LibvirtError, undefineFlag, type Client } from '../../libvirt/index.ts';
import type { CallOptions } from '../hypervisor.ts';

/** Data that libvirt keeps beside a definition; unless these flags are set, it refuses to undefine such a domain. */
const ALL_KEPT_DATA =
  undefineFlag.managedSave |
  undefineFlag.snapshotsMetadata |
  undefineFlag.nvram |
  undefineFlag.checkpointsMetadata;

/** Runs `call` with each of `flags` in turn until libvirt does not refuse it with one of `codes`. */
export async function firstThatFits(
  flags: readonly [number, ...number[]],
  codes: readonly number[],
  call: (flags: number) => Promise<void>,
): Promise<void> {
  const [first, next, ...rest] = flags;
  try {
    await call(first);
  } catch (error) {
    const fits = error instanceof LibvirtError && codes.includes(error.code);
    if (!fits || next === undefined) throw error;
    await firstThatFits([next, ...rest], codes, call);
  }
}

/** Undefines a domain and its data; drivers without such data refuse the flags. */
export const undefine = (client: Client, uuid: string, options: CallOptions): Promise<void> =>
  firstThatFits(
    [ALL_KEPT_DATA, 0],
    [errorCode.invalidArg, errorCode.noSupport, errorCode.argumentUnsupported],
    (flags) => client.control.domain(uuid).undefineFlags(flags, options),
  );
