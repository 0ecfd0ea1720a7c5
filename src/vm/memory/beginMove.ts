import { KiB } from '../../common/units.ts';
import { balloonCurrent } from '../../memory/balloon.ts';
import type { BalloonStory } from '../../memory/balloonStory.ts';
import type { Vm } from '../vm.ts';

/** Makes a target the one in force, set when and by whom the story says. */
export function beginMove(vm: Vm, target: KiB, story: BalloonStory): void {
  const sizes = [vm.samples.newest?.current ?? balloonCurrent(vm.domain), vm.balloonTarget];
  const range = { least: KiB(Math.min(...sizes)), most: KiB(Math.max(...sizes)) };
  vm.intendTarget(target, { ...story, ...range });
}
