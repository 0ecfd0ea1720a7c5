import type { Targets } from './contender.ts';
import { contenders, type ContenderName } from './contenders.ts';
import { type Measures, Observer } from './measures.ts';
import type { Scenario } from './scenario.ts';
import { World } from './world.ts';

/** What a plot shows, every few seconds; shares of the host's memory. */
export interface Point {
  readonly time: number;
  readonly available: number;
  /** What the balloons leave to each guest. */
  readonly current: readonly number[];
}

export interface Run {
  readonly measures: Measures;
  readonly points: readonly Point[];
}

const POINT_INTERVAL = 30;

/** Runs a scenario under one policy, second by second. */
export function run(scenario: Scenario, name: ContenderName): Run {
  const world = new World(scenario);
  const observer = new Observer(world);
  const contender = contenders[name]();
  const points: Point[] = [];
  while (world.time < scenario.minutes * 60) {
    world.advance();
    observer.passed();
    const isOn = world.time >= (scenario.policyFrom ?? 0);
    if (isOn && world.time % contender.interval === 0) {
      const targets = contender.round(world);
      observer.sent(targets);
      send(targets, world);
    }
    if (world.time % POINT_INTERVAL === 0) points.push(pointOf(world));
  }
  return { measures: observer.result(), points };
}

function send(targets: Targets, { guests, time }: World): void {
  for (const guest of guests) {
    const target = targets.get(guest.plan.name);
    if (target !== undefined) guest.setTarget(target, time);
  }
}

const pointOf = (world: World): Point => ({
  time: world.time,
  available: world.available / world.total,
  current: world.guests.map(({ current }) => current / world.total),
});
