import { KiB, Milliseconds, type Seconds } from '../../../common/units.ts';
import type { Behaviour } from './behaviour.ts';
import { empty, quiet, type Workload } from './workload.ts';
import { withVirtioMemMoves } from './guestVirtioMem.ts';
import { type Guest, type GuestDimm, powerOn } from './guest.ts';
import {
  balloonSize,
  cpuTime,
  hasReachedRequest,
  memory,
  reachableBalloon,
  swapped,
} from './guestMemory.ts';

/** Starts balloon and virtio-mem towards the sizes nearest to the requested ones that the guest can reach now. */
export function withNextMoves(guest: Guest): Guest {
  const then = { ...withVirtioMemMoves(guest), reachedRequest: hasReachedRequest(guest) };
  const from = balloonSize(then);
  const to = reachableBalloon(then, from);
  if (to === then.balloon.to) return then;
  const delay = from === then.balloon.to ? then.behaviour.balloonDelay : 0;
  return { ...then, balloon: { from, to, since: then.age + delay } };
}

/** Sets the balloon's target: the memory that it leaves to the guest. */
export const withTarget = (guest: Guest, target: KiB): Guest =>
  withNextMoves({
    ...guest,
    requested: KiB(Math.max(0, memory(guest) - target)),
    reachedRequest: false,
  });

export const withWorkingSet = (guest: Guest, workingSet: KiB): Guest =>
  withCurrentWorkingSet({ ...guest, usualWorkingSet: workingSet }, workingSet);

/** Sets the working set until the next change; pages that programs no longer use are dropped from swap unread. */
export function withCurrentWorkingSet(guest: Guest, workingSet: KiB): Guest {
  const then = { ...guest, workingSet };
  return withNextMoves({ ...then, inSwap: Math.min(then.inSwap, swapped(then)) });
}

export const withBehaviour = (guest: Guest, change: Partial<Behaviour>): Guest => {
  const from = balloonSize(guest);
  return withNextMoves({
    ...guest,
    behaviour: { ...guest.behaviour, ...change },
    balloon: { from, to: from, since: guest.age },
  });
};

/** Sets what the guest's programs do with memory from now on. */
export const withWorkload = (guest: Guest, change: Partial<Workload>): Guest => ({
  ...guest,
  workload: { ...(guest.workload ?? quiet), ...change },
  contents: guest.contents ?? empty,
});

export const withPeriod = (guest: Guest, period: Seconds): Guest => ({
  ...guest,
  period,
  periodSince: guest.age,
});

/** Plugs a DIMM; a running kernel brings it online after its `onlineTime`. */
export function withDimm(guest: Guest, alias: string, size: KiB): Guest {
  const { onlines, onlineTime } = guest.behaviour;
  const dimm: GuestDimm = {
    alias,
    size,
    online: false,
    ...(onlines && { onlineAt: kernelReady(guest) + onlineTime }),
  };
  return { ...guest, dimms: [...guest.dimms, dimm] };
}

/** Requests a DIMM back; a guest that ignores requests never replies. */
export function withUnplugRequest(guest: Guest, alias: string): Guest {
  if (guest.behaviour.unplug === 'ignores') return guest;
  const { unplug, unplugTime } = guest.behaviour;
  const answerAt = kernelReady(guest) + (unplug === 'refuses' ? 0 : unplugTime);
  return {
    ...guest,
    dimms: guest.dimms.map((dimm) => (dimm.alias === alias ? { answerAt, ...dimm } : dimm)),
  };
}

/** Presses the power button; without a running kernel this has no effect. */
export const withShutdownRequest = (guest: Guest): Guest =>
  guest.booted && guest.behaviour.shutdown === 'obeys' ?
    { ...guest, shutdownAt: guest.shutdownAt ?? guest.age + guest.behaviour.shutdownTime }
  : guest;

/** Resets the machine: devices and the last statistics stay, the guest boots again. */
export function rebooted(guest: Guest): Guest {
  const { report, age } = guest;
  const reborn = powerOn({
    ...guest,
    bornAt: Milliseconds(guest.bornAt + age),
    workingSet: guest.usualWorkingSet,
    cpuTimeBefore: cpuTime(guest),
  });
  return report ? { ...reborn, report } : reborn;
}

/** Drops the last statistics: they are not part of a guest's saved state. */
export function withoutReport(guest: Guest): Guest {
  const { report, ...rest } = guest;
  return report ? rest : guest;
}

/** Shifts the guest's clock by a pause of the host's clock. */
export const resumedAfter = (guest: Guest, pause: number): Guest => ({
  ...guest,
  bornAt: Milliseconds(guest.bornAt + pause),
});

const kernelReady = (guest: Guest): number => Math.max(guest.age, guest.behaviour.bootTime);
