import fc from 'fast-check';

/** Runs that every property gets, however slow the machine is. */
const LEAST_RUNS = 10;
/** A run that takes longer hangs. */
const HANG_MS = 60_000;
/** How long a failing property may look for a smaller counterexample. */
const SHRINKING_MS = 30_000;

/** `npm test` always tries the same values, `npm run test:long` others, and this many times as many. */
const seed = Number(process.env['VMEMD_TEST_SEED'] ?? 3);
const effort = Number(process.env['VMEMD_TEST_EFFORT'] ?? 1);

interface Options<Values> {
  /** How long new runs are started in `npm test`; a run that has been started is always finished. */
  readonly seconds?: number;
  /** How many runs are enough in `npm test`: an idle machine then tries no value that a busy one never gets to. */
  readonly runs?: number;
  /** Counterexamples of the past, which are tried first. */
  readonly examples?: Values[];
}

/** Throws with a counterexample and the seed to repeat it if the property does not hold. */
export function assertProperty<Values>(
  property: fc.IAsyncProperty<Values>,
  options?: Options<Values>,
): Promise<void>;
export function assertProperty<Values>(
  property: fc.IProperty<Values>,
  options?: Options<Values>,
): void;
export function assertProperty<Values>(
  property: fc.IRawProperty<Values>,
  { seconds = 1, runs = 2000, examples = [] }: Options<Values> = {},
): Promise<void> | void {
  // eslint-disable-next-line no-restricted-properties -- the one place that has the budget
  return fc.assert(property, {
    seed,
    examples,
    numRuns: runs * effort,
    timeout: HANG_MS,
    plugins: [stopAfter(seconds * 1000 * effort, LEAST_RUNS + examples.length)],
  });
}

/**
 * Starts no run after `budget` milliseconds, except for the first `least` ones. fast-check's own
 * `interruptAfterTimeLimit` abandons the run in progress, which goes on beside the tests that follow, and may end
 * before the first run.
 */
const stopAfter =
  <Values>(budget: number, least: number): fc.Plugin<Values> =>
  () => {
    let end = performance.now() + budget;
    let runs = 0;
    let isShrinking = false;
    const observe = <Result>(result: Result): Result => {
      const hasFailed = result !== null && !fc.PreconditionFailure.isFailure(result);
      if (hasFailed && !isShrinking) {
        isShrinking = true;
        end = performance.now() + SHRINKING_MS;
      }
      return result;
    };
    return {
      decorateRun: (run) => (value) => {
        if ((isShrinking || runs >= least) && performance.now() > end) {
          return new fc.PreconditionFailure(true);
        }
        runs += 1;
        const result = run(value);
        return result instanceof Promise ? result.then(observe) : observe(result);
      },
    };
  };
