import { expect, test } from '@jest/globals';
import { playedSeed } from './random.ts';

/** Seeds that have found a fault before, of vmemd or of the judgement. */
const FOUND: readonly number[] = [100_000_024, 529_049_334, 537_187_346, 537_188_590, 909_293_555];
const SEEDS = 60;

const only = process.env['VMEMD_SIM_SEED'];
const first = Number(process.env['VMEMD_SIM_FIRST'] ?? 1);
const seconds = Number(process.env['VMEMD_SIM_SECONDS'] ?? 0);

function* seeds(): Generator<number> {
  if (only !== undefined) {
    yield Number(only);
    return;
  }
  yield* FOUND;
  const end = performance.now() + seconds * 1000;
  for (let n = 0; n < SEEDS || performance.now() < end; n += 1) yield first + n;
}

const tell = (text: string): void => {
  process.stderr.write(`${text}\n`);
};

test(
  'requests at the same time, with faults, leave a VM as it is reported, and nothing half done',
  async () => {
    const failed: Record<number, readonly string[]> = {};
    let count = 0;
    for (const seed of seeds()) {
      const { complaints, story } = await playedSeed(seed).catch((error: unknown) => ({
        complaints: [String(error)],
        story: `seed ${String(seed)}\n${String(error)}`,
      }));
      if (only !== undefined) tell(story);
      if (complaints.length > 0) {
        failed[seed] = complaints;
        tell(
          `seed ${String(seed)}: ${complaints.join('; ')}\n  npm run test:sim -- --seed ${String(seed)}`,
        );
      }
      count += 1;
    }
    if (seconds > 0) tell(`${String(count)} seeds from ${String(first)} were played`);
    expect(failed).toEqual({});
  },
  (seconds + 600) * 1000,
);
