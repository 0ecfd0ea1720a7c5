import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { KiB } from '../../../src/common/units.ts';
import { RealGuest, save } from './realGuest.ts';

// Records a real guest's balloon and statistics: tsx bench/policy/calibrate/calibrate.ts IMAGES (made by lab/guest.sh)
const [images] = process.argv.slice(2);
if (images === undefined) throw new Error('usage: calibrate.ts IMAGES');
const MIB = 1024;
const PLAN = {
  memory: 1024,
  fill: { mib: 300, after: 22 },
  targets: [
    [5, 512],
    [15, 1024],
    [30, 600],
  ],
} as const;
const SECONDS = 40;
const STEP_MS = 250;

const runs: unknown[] = [];
for (let run = 0; run < 2; run++) {
  const guest = await RealGuest.start(images, PLAN.memory, PLAN.fill);
  const begin = performance.now();
  const samples: unknown[] = [];
  const left = PLAN.targets.map(([at, mib]) => ({ at, mib }));
  for (let step = 0; step < (SECONDS * 1000) / STEP_MS; step++) {
    const time = (performance.now() - begin) / 1000;
    const [next] = left;
    if (next && time >= next.at) {
      left.shift();
      await guest.setTarget(KiB(next.mib * MIB));
    }
    samples.push({
      time: Number(time.toFixed(2)),
      current: await guest.current(),
      ...(await guest.report()),
    });
    await sleep(Math.max(0, begin + (step + 1) * STEP_MS - performance.now()));
  }
  guest.stop();
  runs.push(samples);
}
save(join(import.meta.dirname, '..', '..', '..', 'fixtures', 'policy', 'real-guest.json'), {
  plan: PLAN,
  runs,
});
