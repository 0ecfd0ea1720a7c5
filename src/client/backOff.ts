import { Milliseconds } from '../common/units.ts';

const FIRST = 250;
const LONGEST = 10_000;

/** Yields how long to wait before each try: twice as long each time, up to 10 s, varied by a fifth. */
export function* backOff(random: () => number = Math.random): Generator<Milliseconds, never> {
  for (let wait = FIRST; ; wait = Math.min(2 * wait, LONGEST)) {
    yield Milliseconds(Math.round(wait * (0.9 + 0.2 * random())));
  }
}
