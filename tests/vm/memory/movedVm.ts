import { KiB } from '../../../src/common/units.ts';
import { World } from '../../support/world.ts';

/** A VM of 1 GiB with this many MiB guaranteed, and what happens to it. */
export async function open(memGuaranteedSize?: number) {
  const world = await World.open();
  const vmID = await world.boot(1, { memGuaranteedSize });
  world.told.length = 0;
  return {
    world,
    vmID,
    /** As `virsh setmem` does. */
    setmem: (target: number) => world.host.setBalloon(vmID, KiB(target)),
    target: (target: number) => world.call('VM.setBalloonTarget', { vmID, target }),
    balloon: () => world.balloon(vmID),
    told: () => world.news('memory', vmID).filter(({ event }) => event === 'balloon-moved-outside'),
  };
}
