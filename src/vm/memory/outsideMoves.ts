import { type KiB, Milliseconds, toMilliseconds } from '../../common/units.ts';
import { balloonCurrent, clampTarget } from '../../memory/balloon.ts';
import { isBelow } from '../../memory/balloonMotion.ts';
import { logFailure } from '../logFailure.ts';
import type { Vm } from '../vm.ts';
import { observe } from './commit.ts';

/**
 * Called when a balloon's size has become known. A balloon that something else than vmemd has moved is reported: at once
 * if it is below the VM's floor, to which it is brought back; otherwise once it has come to rest, and that is its target
 * from then on.
 */
export function watchBalloon(vm: Vm): void {
  const current = vm.samples.newest?.current;
  // What the owner of the libvirt does is not outside for a vmemd that only reads.
  if (current === undefined || !vm.isAlive || vm.isReadOnly) return;
  const { isOutside, movedAt } = vm.balloonWatch.see(current);
  if (!isOutside) return;
  const hasMoved = movedAt === vm.clock.now();
  if (hasMoved || !vm.timers.has(OUTSIDE)) {
    const delay = isTooSmall(vm, current) ? Milliseconds(0) : toMilliseconds(vm.samplingInterval);
    vm.timers.set(OUTSIDE, delay, () => {
      confirm(vm);
    });
  }
}

const OUTSIDE = 'moved outside';

/** Whether the balloon leaves less than the VM's floor; a VM that nobody wants ballooned has none. */
const isTooSmall = (vm: Vm, current: KiB): boolean => vm.mayBalloon && isBelow(current, vm.floor);

/** Reads the domain, since its memory may have changed instead, and records that its balloon was moved. */
function confirm(vm: Vm): void {
  vm.queue
    .run(async (options) => {
      vm.outdate();
      await observe(vm, options, () => {
        record(vm);
      });
    })
    .catch((error: unknown) => {
      logFailure(vm, error, { text: 'a moved balloon is looked at again later', level: 'debug' });
    });
}

/** Whether the first move of a balloon is what the start of another program's VM has requested. */
const isStart = ({ story, isExternal, balloonWatch }: Vm): boolean =>
  story.by === 'start' && story.least === undefined && isExternal && balloonWatch.isStarting;

function record(vm: Vm): void {
  const current = balloonCurrent(vm.domain);
  if (!vm.balloonWatch.see(current).isOutside) return;
  const { balloonTarget: target, story, floor } = vm;
  const isBelowFloor = isTooSmall(vm, current);
  if (isStart(vm) && !isBelowFloor) {
    vm.follow(current, { by: 'start', least: current, most: current });
    return;
  }
  const { bound } = clampTarget(current, vm);
  const limit = isBelowFloor && bound !== undefined ? { bound } : {};
  const since = vm.operations.now;
  const told = { by: 'outside' as const, since, least: current, most: current };
  vm.follow(current, {
    ...told,
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
