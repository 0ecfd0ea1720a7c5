import type { CallOptions } from '../../host/hypervisor.ts';
import { KiB, Milliseconds, toMilliseconds } from '../../common/units.ts';
import { balloonCurrent, clampTarget } from '../../memory/balloon.ts';
import { isBelow, type Motion } from '../../memory/balloonMotion.ts';
import { logFailure } from '../logFailure.ts';
import type { Vm } from '../vm.ts';
import { beginMove } from './beginMove.ts';
import { observe, saveOrRetry } from './commit.ts';
import { sendBalloonTarget } from './hypervisorCalls.ts';

/**
 * Called when a balloon's size has become known. A balloon that something else than vmemd has moved is reported: at once
 * if it is below the VM's floor, to which it is brought back; otherwise once it has come to rest, and that is its target
 * from then on. A balloon that rests without having reached its target gets it again.
 */
export function watchBalloon(vm: Vm): void {
  const current = vm.samples.newest?.current;
  if (current === undefined || !isWatched(vm)) return;
  const { balloonWatch: watch } = vm;
  const before = watch.motion;
  const motion = watch.see(current);
  const patience = Milliseconds(2 * restOf(vm));
  if (isTooSmall(vm, current)) {
    if (motion.isOutside || isSinking(vm, before, motion) || watch.takeRest(patience)) {
      confirmIn(vm, Milliseconds(0));
    }
  } else if (motion.isOutside) {
    confirmAtRest(vm, motion);
  } else if (isStuck(vm, current) && watch.takeRest(patience)) {
    sendAgain(vm, current);
  }
}

/** Whether the balloon is known now; what the owner of the libvirt does is not outside for a vmemd that only reads. */
const isWatched = (vm: Vm): boolean => vm.isAlive && !vm.isReadOnly && vm.isAnswering;

const isStuck = (vm: Vm, current: KiB): boolean =>
  vm.mayBalloon && vm.balloonWatch.moving(current) === 'stuck';

/** The hypervisor reports a moving balloon every second. */
const REST = Milliseconds(3000);

/** How long a balloon that is not seen to move has come to rest: two of its events, or one sample. */
const restOf = ({ samplingInterval }: Vm): Milliseconds =>
  Milliseconds(Math.max(toMilliseconds(samplingInterval), REST));

/** Whether the target was sent so short a time ago that the balloon may not have followed yet. */
const isJustSent = ({ story, operations }: Vm): boolean =>
  operations.now - (story.since ?? 0) < REST;

/** Whether the balloon takes ever more, which no target below the floor can have requested. */
const isSinking = (vm: Vm, before: Motion | undefined, now: Motion): boolean =>
  before !== undefined && now.held > before.held && !isJustSent(vm);

/** Sends the target again: another program can have sent another one, or the guest can have missed it. */
function sendAgain(vm: Vm, current: KiB): void {
  const facts = { vmId: vm.id, current, target: vm.balloonTarget };
  vm.log.warn(facts, 'the balloon rests and has not reached its target, which is sent again');
  vm.queue
    .run((options) => sendBalloonTarget(vm, vm.balloonTarget, options))
    .catch((error: unknown) => {
      logFailure(vm, error, { text: 'the balloon target could not be sent again', level: 'debug' });
    });
}

function confirmAtRest(vm: Vm, { movedAt }: Motion): void {
  const hasMoved = movedAt === vm.clock.now();
  if (!hasMoved && vm.timers.has(OUTSIDE)) return;
  confirmIn(vm, restOf(vm));
}

function confirmIn(vm: Vm, delay: Milliseconds): void {
  vm.timers.set(OUTSIDE, delay, () => {
    confirm(vm);
  });
}

const OUTSIDE = 'moved outside';

/** Whether the balloon leaves less than the VM's floor; a VM that may not be ballooned has none. */
const isTooSmall = (vm: Vm, current: KiB): boolean => vm.mayBalloon && isBelow(current, vm.floor);

/** The VMs whose balloon is looked at once their queue lets it; each sample meanwhile would ask for another look. */
const confirming = new WeakSet<Vm>();

/** Reads the domain, since its memory may have changed instead, and records that its balloon was moved. */
function confirm(vm: Vm): void {
  if (confirming.has(vm)) return;
  confirming.add(vm);
  vm.queue
    .run(async (options) => {
      vm.outdate();
      await observe(vm, options, () => {
        if (!isLate(vm)) record(vm);
      });
      if (isLate(vm)) await setAgain(vm, options);
    })
    .catch((error: unknown) => {
      logFailure(vm, error, { text: 'a moved balloon is looked at again later', level: 'debug' });
    })
    .finally(() => confirming.delete(vm));
}

/** Whether the balloon has moved towards a target that vmemd gave up, and that the host has set late. */
function isLate(vm: Vm): boolean {
  const current = balloonCurrent(vm.domain);
  if (!vm.balloonWatch.see(current).isOutside) return false;
  const { balloonTarget } = vm;
  return vm.late.of('target').some((late) => {
    const [least, most] = [Math.min(late, balloonTarget), Math.max(late, balloonTarget)];
    return !isBelow(current, KiB(least)) && !isBelow(KiB(most), current);
  });
}

/** Sets the target again that holds; the balloon moves to it from where it is. */
async function setAgain(vm: Vm, options: CallOptions): Promise<void> {
  await sendBalloonTarget(vm, vm.balloonTarget, options);
  beginMove(vm, vm.balloonTarget, { ...vm.story, since: vm.operations.now });
  await saveOrRetry(vm, options);
}

/** Whether a move of a balloon is what the start of another program's VM has requested. */
const isStart = ({ story, isExternal, balloonWatch }: Vm): boolean =>
  story.by === 'start' && isExternal && balloonWatch.isStarting;

function record(vm: Vm): void {
  const current = balloonCurrent(vm.domain);
  const isBelowFloor = isTooSmall(vm, current);
  const isOwn = !vm.balloonWatch.see(current).isOutside;
  if (isOwn && (!isBelowFloor || isJustSent(vm))) return;
  const { balloonTarget: target, story, floor } = vm;
  if (isStart(vm) && !isBelowFloor) {
    vm.follow(current, { by: 'start', least: current, most: current });
    return;
  }
  const { bound } = clampTarget(current, vm);
  const limit = isBelowFloor && bound !== undefined ? { bound } : {};
  const since = vm.operations.now;
  vm.follow(current, {
    by: 'outside',
    since,
    least: current,
    most: current,
    ...limit,
    ...(story.isAskedFor && { isAskedFor: story.isAskedFor }),
  });
  const facts = { vmId: vm.id, current, target, floor };
  if (isBelowFloor) {
    vm.log.warn(facts, 'another program or the guest has moved the balloon below its minimum');
  } else {
    vm.log.info(facts, 'another program or the guest has moved the balloon');
  }
  vm.emit({ kind: 'balloon-moved-outside', current, floor, isBelowFloor });
}
