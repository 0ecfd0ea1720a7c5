import './lib/node.mjs';
import { availableHost } from './lib/host.mjs';
import { jest, total } from './lib/jest.mjs';
import { show, showLater, showPolitely } from './lib/run.mjs';
import { install } from './lib/setup.mjs';

const USAGE = `Usage: npm test -- [--no-skips] [what to run, as jest takes it]

All tests, with a gate on coverage. Those that need a real libvirt run where it is root on Debian (what is missing is
installed), or root where libvirt and QEMU are there. --no-skips, or CI=true, makes a failure of every skipped test.`;

const args = process.argv.slice(2);
if (args.includes('--help')) {
  console.log(USAGE);
  process.exit(0);
}
const chosen = args.filter((arg) => arg !== '--no-skips');
const noSkips = args.length > chosen.length || process.env.CI === 'true';
const wantsLive = chosen.length === 0 || chosen.some((arg) => arg.includes('live'));
const wantsUnit = chosen.length === 0 || !wantsLive;

await install();
// Live tests wait most of the time, but not for ever: meanwhile the others run, with what they leave of the processor.
const runs = await Promise.all([...(wantsUnit ? [unit()] : []), ...(wantsLive ? [live()] : [])]);

function unit() {
  const gate = chosen.length === 0 ? ['--coverage'] : [];
  const args = [...gate, ...chosen];
  const run = wantsLive ? showPolitely : show;
  return jest('unit, contract, property', { config: 'jest.config.js', args, run });
}

async function live() {
  const { lacks, env, release } = await availableHost();
  if (lacks) console.error(`No real libvirt to test on: ${lacks}`);
  const run = wantsUnit ? showLater : show;
  try {
    return await jest('live', { config: 'jest.live.config.js', args: chosen, env, run });
  } finally {
    await release();
  }
}

const { passed, failed, skipped } = total(runs);
const reasons = runs.flatMap((run) => run.reasons);
console.log();
for (const reason of reasons) console.log(`skipped: ${reason}`);
for (const { name } of runs.filter(({ ok }) => !ok)) console.log(`failed: ${name}`);
const isLacking = noSkips && (skipped > 0 || reasons.length > 0);
if (isLacking) console.log('failed: tests were skipped, which --no-skips or CI=true forbids');
console.log(`${passed} passed, ${failed} failed, ${skipped} skipped`);
process.exitCode = isLacking || runs.some(({ ok }) => !ok) ? 1 : 0;
