import { KiB, toKiB } from '../common/units.ts';
import { guaranteeOf } from '../domain-xml/metadata.ts';
import type { Domain } from '../domain-xml/types.ts';
import { balloonableMemory, usableMemory, wholeMiB } from '../memory/balloon.ts';
import { type BalloonPolicy, floorOf } from '../memory/floor.ts';

/** A domain's sizes that decisions are made by. */
export interface Sizes {
  /** Memory that the balloon acts on. */
  readonly memory: KiB;
  /** Memory that the guest can use: `memory` plus what virtio-mem devices provide now. */
  readonly usable: KiB;
  /**
   * The guarantee set last, else the one set at creation, else libvirt's min_guarantee; it can exceed the memory. Undefined if there is none.
   */
  readonly promised: KiB | undefined;
  /** The guarantee in force: `promised`, at most the VM's memory. */
  readonly guaranteed: KiB | undefined;
  /** The least that ballooning leaves to the VM. */
  readonly floor: KiB;
}

/** Returns the sizes of a domain. */
export function sizesOf(domain: Domain, policy: BalloonPolicy): Sizes {
  const memory = balloonableMemory(domain);
  const stored = guaranteeOf(domain.metadata);
  const promised = stored === undefined ? domain.minGuarantee || undefined : toKiB(stored);
  const guaranteed = promised && KiB(Math.min(promised, wholeMiB(memory)));
  const autodeflate = domain.balloon?.autodeflate ?? false;
  return {
    memory,
    usable: usableMemory(domain),
    promised,
    guaranteed,
    floor: floorOf({ memory, guaranteed, autodeflate }, policy),
  };
}
