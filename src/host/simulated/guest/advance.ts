import { KiB, Milliseconds } from '../../../common/units.ts';
import { withNextMoves, withCurrentWorkingSet } from './actions.ts';
import { loadFactor } from './load.ts';
import { withVirtioMemMoved, withVirtioMemMoves, withSizeReported } from './guestVirtioMem.ts';
import type { Guest, GuestDimm, GuestVirtioMem } from './guest.ts';
import { current, deficit, measured, room, sparable, swapped, swapSize } from './guestMemory.ts';
import { afterSecond } from './workload.ts';

/** Events that the host sees of a guest. */
export type GuestEvent =
  | { readonly kind: 'balloon'; readonly current: KiB }
  | { readonly kind: 'virtioMem'; readonly alias: string; readonly current: KiB }
  | { readonly kind: 'unplugged' | 'unplug-refused'; readonly alias: string }
  | { readonly kind: 'shut-down' };

interface StepResult {
  readonly guest: Guest;
  readonly event?: GuestEvent;
}

/** A discrete change of a guest, and the age at which it happens. */
interface Step {
  readonly at: number;
  readonly take: (guest: Guest) => StepResult;
}

/** QEMU reports a moving balloon once a second. */
const BALLOON_EVENT_INTERVAL = 1000;
const WANDER_INTERVAL = 5000;
const SECOND = 1000;
/** Time after which a swapped page is used again. */
const SWAP_REUSE = 60_000;

/** A guest after an advance, and what happened to it on the way. */
interface Advanced {
  readonly guest: Guest;
  readonly events: readonly GuestEvent[];
  /** The age at which it changes next without an action of the host; Infinity if never. */
  readonly nextAt: number;
}

/**
 * Returns the guest at `now` on the host's clock, and the events until then. One long advance and many short ones give
 * the same result. A guest that has shut down stays at that moment. `nextAt`: as the last advance has returned it, if
 * nothing has acted on the guest since.
 */
export function advance(guest: Guest, now: Milliseconds, nextAt = -Infinity): Advanced {
  const age = Math.max(guest.age, now - guest.bornAt);
  if (age < nextAt) return { guest: passed(guest, age), events: [], nextAt };
  const events: GuestEvent[] = [];
  let at = guest;
  let step = nextStep(at);
  for (; step && step.at <= age; step = nextStep(at)) {
    const { guest: next, event } = step.take(passed(at, step.at));
    at = next;
    if (event) events.push(event);
    if (event?.kind === 'shut-down') return { guest: at, events, nextAt: Infinity };
  }
  return { guest: passed(at, age), events, nextAt: step?.at ?? Infinity };
}

function nextStep(guest: Guest): Step | undefined {
  let first: Step | undefined;
  for (const step of steps(guest)) {
    if (!first || step.at < first.at) first = step;
  }
  return first;
}

function* steps(guest: Guest): Generator<Step> {
  const { age, behaviour, balloon, shutdownAt } = guest;
  if (!guest.booted) yield { at: behaviour.bootTime, take: boot };
  if (shutdownAt !== undefined) yield { at: shutdownAt, take: shutDown };
  for (const dimm of guest.dimms) {
    const { onlineAt, answerAt } = dimm;
    if (onlineAt !== undefined) yield { at: onlineAt, take: (then) => bringOnline(then, dimm) };
    if (answerAt !== undefined) yield { at: answerAt, take: (then) => answerUnplug(then, dimm) };
  }
  for (const device of guest.virtioMems) {
    const { moveAt } = device;
    if (device.reported !== device.current)
      yield { at: age, take: (then) => reportSize(then, device) };
    if (moveAt !== undefined) yield { at: moveAt, take: (then) => move(then, device) };
  }
  const arrival =
    balloon.since + (Math.abs(balloon.to - balloon.from) / behaviour.balloonRate) * 1000;
  if (age < arrival) {
    yield {
      at: Math.min(arrival, after(age, BALLOON_EVENT_INTERVAL, balloon.since)),
      take: reportBalloon,
    };
  }
  if (guest.booted) yield* programSteps(guest);
}

function* programSteps({ age, behaviour, contents }: Guest): Generator<Step> {
  if (contents) yield { at: after(age, SECOND, 0), take: work };
  if (behaviour.load !== 'steady') yield { at: after(age, WANDER_INTERVAL, 0), take: wander };
}

/** The first whole multiple of `interval` past `since` that is after `age`. */
const after = (age: number, interval: number, since: number): number =>
  since + (Math.floor((age - since) / interval) + 1) * interval;

const boot = (guest: Guest): StepResult => ({ guest: withNextMoves({ ...guest, booted: true }) });

const shutDown = (guest: Guest): StepResult => ({ guest, event: { kind: 'shut-down' } });

const move = (guest: Guest, device: GuestVirtioMem): StepResult => ({
  guest: withNextMoves(withVirtioMemMoved(guest, device)),
});

const reportSize = (guest: Guest, device: GuestVirtioMem): StepResult => ({
  guest: withSizeReported(guest, device),
  event: { kind: 'virtioMem', alias: device.alias, current: device.current },
});

// Memory that the balloon has returned may let virtio-mem shrink.
const reportBalloon = (guest: Guest): StepResult => ({
  guest: withVirtioMemMoves(guest),
  event: { kind: 'balloon', current: current(guest) },
});

function work(guest: Guest): StepResult {
  const { workload, contents } = guest;
  if (!workload || !contents) return { guest };
  const moment = { guest, workload, room: room(guest), swapSize: swapSize(guest) };
  return { guest: { ...guest, ...afterSecond(contents, moment) } };
}

function wander(guest: Guest): StepResult {
  const factor = loadFactor(guest.behaviour.load, guest.age, guest.seed);
  return { guest: withCurrentWorkingSet(guest, KiB(Math.floor(guest.usualWorkingSet * factor))) };
}

const bringOnline = (guest: Guest, { alias, size, answerAt }: GuestDimm): StepResult => ({
  guest: withNextMoves(
    withDimmReplaced(guest, {
      alias,
      size,
      online: true,
      ...(answerAt !== undefined && { answerAt }),
    }),
  ),
});

function answerUnplug(guest: Guest, { alias, size, online, onlineAt }: GuestDimm): StepResult {
  const { unplug } = guest.behaviour;
  if (unplug === 'gives-back' && (!online || size <= sparable(guest))) {
    const dimms = guest.dimms.filter((dimm) => dimm.alias !== alias);
    return { guest: withNextMoves({ ...guest, dimms }), event: { kind: 'unplugged', alias } };
  }
  const kept = { alias, size, online, ...(onlineAt !== undefined && { onlineAt }) };
  const then = withDimmReplaced(guest, kept);
  if (unplug === 'ignores') return { guest: then };
  return { guest: then, event: { kind: 'unplug-refused', alias } };
}

const withDimmReplaced = (guest: Guest, dimm: GuestDimm): Guest => ({
  ...guest,
  dimms: guest.dimms.map((other) => (other.alias === dimm.alias ? dimm : other)),
});

/** Advances the guest over a time without steps; takes the statistics that fall due in it. */
function passed(guest: Guest, age: number): Guest {
  const tick = lastTick(guest, age);
  if (tick === undefined || tick <= guest.age) return elapsed(guest, age);
  const then = elapsed(guest, tick);
  const report = { ...measured(then), at: Milliseconds(guest.bornAt + tick) };
  return elapsed({ ...then, report }, age);
}

function lastTick(guest: Guest, age: number): number | undefined {
  const { driver, statistics } = guest.behaviour;
  const period = guest.period * 1000;
  if (!guest.booted || !guest.hasBalloon || !driver || !statistics || period <= 0) return undefined;
  return guest.periodSince + Math.floor((age - guest.periodSince) / period) * period;
}

function elapsed(guest: Guest, age: number): Guest {
  if (age <= guest.age) return guest;
  const then = { ...guest, age };
  if (guest.contents) return then;
  const deficits = [deficit(guest), deficit(then)] as const;
  if (guest.inSwap === 0 && deficits.every((each) => each <= 0)) return then;
  // The change at the start of this time, then the steady change within it.
  const moves = [swapped(guest) - guest.inSwap, swapped(then) - swapped(guest)] as const;
  const reused = (area(...deficits) * (age - guest.age)) / SWAP_REUSE;
  return {
    ...then,
    inSwap: swapped(then),
    swapIn: moves.reduce((sum, moved) => sum + Math.max(0, -moved), guest.swapIn + reused),
    swapOut: moves.reduce((sum, moved) => sum + Math.max(0, moved), guest.swapOut + reused),
  };
}

/** The area above zero under a straight line from `a` to `b` of width one. */
function area(a: number, b: number): number {
  const [low, high] = [Math.min(a, b), Math.max(a, b)];
  if (high <= 0) return 0;
  return low >= 0 ? (low + high) / 2 : high ** 2 / (high - low) / 2;
}
