import { parseArgs } from 'node:util';
import { SoakDaemon } from './daemon/soakDaemon.ts';
import { SoakReport } from './report.ts';
import { Soak } from './soak.ts';

const { values } = parseArgs({
  options: {
    seconds: { type: 'string', default: '60' },
    seed: { type: 'string', default: '1' },
  },
});
const [seconds, seed] = [Number(values.seconds), Number(values.seed)];

/** The share of the time in which clients work; in the rest all is judged and measured. */
const LOAD = 0.4;
/** The longest round, in seconds. */
const LONGEST = 180;
const FEWEST = 2;
/** Shorter runs do not wait until vmemd compares all VMs by itself, which it does each minute. */
const HASTY = 300;

const report = new SoakReport();
const began = performance.now();
const length = Math.min(LONGEST, (seconds * LOAD) / FEWEST);
const elapsed = (): number => (performance.now() - began) / 1000;
report.step(`Seed ${String(seed)}: rounds of ${length.toFixed(0)} s, then SIGTERM under load`);
const daemon = await SoakDaemon.start(seed);
try {
  const soak = new Soak(daemon, { seed, report, isHasty: seconds < HASTY });
  await soak.fill();
  report.figure('seconds until all VMs run', elapsed().toFixed(0));
  // the last one lasts about as long as the one before
  for (let n = 0, last = 0; n < FEWEST || elapsed() + last <= seconds; n += 1) {
    const start = elapsed();
    await soak.round(length);
    last = elapsed() - start;
  }
  await soak.end();
  report.step('Requests');
  for (const [what, count] of Object.entries(soak.books.counts)) report.figure(what, String(count));
  report.figure('requests by method', JSON.stringify(soak.books.methods));
  report.step('Faults');
  for (const [what, count] of Object.entries(soak.rests.at(-1)?.faults ?? {})) {
    report.figure(what, String(count));
  }
  report.figure('seconds', elapsed().toFixed(0));
} catch (error) {
  report.check('the soak goes on to its end', false, String(error));
} finally {
  const keep = report.failed > 0;
  await daemon.remove({ keep });
  if (keep) console.log(`\nThe log of vmemd is in ${daemon.logFile}.`);
}
process.exit(report.failed > 0 ? 1 : 0);
