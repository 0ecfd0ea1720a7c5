import { parseArgs } from 'node:util';
import { tryCommandLine } from './commandLine.ts';
import { openFleet } from './fleet.ts';
import { loseHost } from './outage.ts';
import { Report } from './report.ts';
import { watchSteadily } from './steady.ts';
import { compareSums } from './sums.ts';

const { values } = parseArgs({
  options: {
    hosts: { type: 'string', default: '20' },
    minutes: { type: 'string', default: '3' },
    interval: { type: 'string', default: '15' },
  },
});
const [count, seconds, interval] = [values.hosts, Number(values.minutes) * 60, values.interval].map(
  Number,
);

const report = new Report();
report.step(`${values.hosts} hosts start, with 10 guests each`);
const fleet = await openFleet(count ?? NaN, interval ?? NaN);
console.log(`       logs are in ${fleet.folder}`);
const times = { seconds: seconds ?? NaN, interval: interval ?? NaN };
try {
  await fleet.prometheus.becomes('job:up:sum', fleet.hosts.length);
  await fleet.prometheus.becomes('count(job:vmemd_host_memory_freeable_bytes:sum)', 1);
  await watchSteadily(fleet, report, times);
  await compareSums(fleet, report, times.interval);
  await tryCommandLine(fleet, report);
  await loseHost(fleet, report);
} catch (error) {
  report.check('the fleet', false, error instanceof Error ? error.message : error);
} finally {
  await fleet.close();
}
console.log(
  report.failed === 0 ? '\nAll is as it should be.' : `\n${String(report.failed)} failed.`,
);
process.exit(report.failed === 0 ? 0 : 1);
