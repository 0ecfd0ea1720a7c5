import { errorCode, LibvirtError, undefineFlag, type Client } from '../../libvirt/index.ts';
import type { CallOptions } from '../hypervisor.ts';

/** Everything that libvirt keeps beside a definition and without which it cannot be undefined. */
const WITH_ALL_BELONGINGS =
  undefineFlag.managedSave |
  undefineFlag.snapshotsMetadata |
  undefineFlag.nvram |
  undefineFlag.checkpointsMetadata;

/** Does `call` with the first of `flags` that libvirt does not refuse with one of `codes`. */
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

/** Undefines a domain and what belongs to it; drivers that keep no such things refuse the flags. */
export const undefine = (client: Client, uuid: string, bound: CallOptions): Promise<void> =>
  firstThatFits(
    [WITH_ALL_BELONGINGS, 0],
    [errorCode.invalidArgument, errorCode.noSupport, errorCode.argumentUnsupported],
    (flags) => client.control.domain(uuid).undefine(flags, bound),
  );
