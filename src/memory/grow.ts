import type { Domain } from '../domain-xml/types.ts';
import { KiB } from '../common/units.ts';
import { dimmsToPlug, type DimmOptions } from './dimmsToPlug.ts';
import type { Obstacle, ResizeChange, Steps } from './resizePlan.ts';
import { roomIn, takeFrom, total, virtioMemDevices } from './virtioMem.ts';

/**
 * Plans `increment` KiB more, rounded up to whole blocks: virtio-mem first, then DIMMs. Plans less, with a warning,
 * where no more blocks fit below the VM's maximum.
 */
export function grow(domain: Domain, increment: KiB, options: DimmOptions): Steps | Obstacle {
  const virtioMem = virtioMemDevices(domain).map((device) => ({ ...device, room: roomIn(device) }));
  const rooms = virtioMem.map(({ room }) => room);
  const room = total(rooms.map(({ amount }) => amount));
  const dimms = dimmsToPlug(domain, { increment, room }, options);
  if ('obstacle' in dimms) return dimms;

  // the surplus stays in virtio-mem, in the youngest devices first
  const left = takeFrom(rooms, room + total(dimms.sizes) - increment);
  const resized = virtioMem.flatMap(({ alias, requested: from, room: { amount } }) => {
    const more = amount - (left.get(alias) ?? 0);
    return more > 0 ? [{ action: 'resize', alias, from, to: KiB(from + more) } as const] : [];
  });
  const plugged = dimms.sizes.map((size): ResizeChange => ({ action: 'plug', size, node: 0 }));
  return { changes: [...resized, ...plugged], warnings: dimms.warnings };
}
