import './lib/node.mjs';
import { randomInt } from 'node:crypto';
import { browserPlan, openBrowser } from './lib/browser.mjs';
import { closeHost, hostPlan, openHost } from './lib/host.mjs';
import { jest, total } from './lib/jest.mjs';
import { endAll, show, showLater } from './lib/run.mjs';
import { install, isInstalled } from './lib/setup.mjs';

const USAGE = `Usage: npm test -- [--no-skips] [what to run, as jest takes it]
       npm run test:long -- [what to run, as jest takes it]

All tests, with a gate on coverage. Those that need a real libvirt run where it is root on Debian (what is missing is
installed), or root where libvirt and QEMU are there; those of the page in a browser where chromium is, or can be installed so. --no-skips, or CI=true, makes a failure of every skipped test.

test:long runs all but those on libvirt and tries properties for VMEMD_TEST_EFFORT times as long (30) with values that
VMEMD_TEST_SEED chooses (random).`;

const FLAGS = ['--no-skips', '--long'];

const args = process.argv.slice(2);
if (args.includes('--help')) {
  console.log(USAGE);
  process.exit(0);
}
const chosen = args.filter((arg) => !FLAGS.includes(arg));
const isLong = args.includes('--long');
const noSkips = args.includes('--no-skips') || process.env.CI === 'true';
const wantsLive = !isLong && (chosen.length === 0 || chosen.some((arg) => arg.includes('live')));
const wantsBrowser =
  !isLong && (chosen.length === 0 || chosen.some((arg) => arg.includes('browser')));
const wantsUnit = isLong || chosen.length === 0 || !(wantsLive || wantsBrowser);
const effort = process.env.VMEMD_TEST_EFFORT ?? (isLong ? '30' : '1');
const seed = process.env.VMEMD_TEST_SEED ?? (isLong ? String(randomInt(2 ** 31)) : undefined);

for (const signal of ['SIGINT', 'SIGTERM']) {
  process.once(signal, () => {
    endAll();
    void closeHost().then(() => process.exit(1));
  });
}

for (const line of plan()) console.error(line);
await install();
if (wantsBrowser || wantsLive) await openBrowser();
// Live tests wait most of the time: meanwhile the others run.
const runs = (await Promise.all([withoutLibvirt(), wantsLive ? live() : []])).flat();

/** A browser has the processors to itself, so that what is slow in it is slow by itself. */
async function withoutLibvirt() {
  const done = wantsUnit ? [await unit()] : [];
  return wantsBrowser ? [...done, await browser()] : done;
}

/** What will be done, and about how long that takes on two idle processors. */
function* plan() {
  const { lacks, packages = [], needsGuest, needsProbe } = wantsLive ? hostPlan() : {};
  if (!isInstalled()) yield 'Installs the packages of package-lock.json by npm ci: a minute.';
  const page = wantsBrowser ? browserPlan() : {};
  const absent = [...packages, ...(page.packages ?? [])];
  if (absent.length > 0) yield `Installs by apt-get: ${absent.join(' ')}: a minute or two.`;
  if (needsGuest) yield 'Makes a guest of Debian’s kernel, which it downloads: half a minute.';
  if (needsProbe) yield 'Lets libvirtd find out what QEMU can do: a minute.';
  if (isLong) {
    yield `Tries properties ${effort} times as long as npm test: all of them in ${Math.ceil(1.5 * effort)} minutes.`;
    yield `To repeat it: VMEMD_TEST_SEED=${seed} VMEMD_TEST_EFFORT=${effort} npm run test:long`;
  } else if (chosen.length > 0) {
    yield `Runs the tests of ${chosen.join(' ')}.`;
  } else {
    yield 'Runs the unit, contract and property tests with a gate on coverage: 7 minutes.';
  }
  if (page.lacks) yield `Runs no test in a browser: ${page.lacks}.`;
  else if (wantsBrowser) yield 'Runs the tests of the page in a browser: a minute.';
  if (lacks) yield `Runs no test on real libvirt: ${lacks}.`;
  else if (wantsLive)
    yield 'Runs the tests on real libvirt, QEMU and guests at the same time: 8 minutes.';
}

function unit() {
  const gate = chosen.length === 0 && !isLong ? ['--coverage'] : [];
  const env = { VMEMD_TEST_EFFORT: effort, ...(seed && { VMEMD_TEST_SEED: seed }) };
  return jest('unit, contract, property', {
    config: 'jest.config.js',
    args: [...gate, ...chosen],
    env,
  });
}

function browser() {
  return jest('browser', { config: 'jest.browser.config.js', args: chosen });
}

async function live() {
  const { lacks, env } = await openHost();
  if (lacks) console.error(`No real libvirt to test on: ${lacks}.`);
  const run = wantsUnit ? showLater : show;
  try {
    return await jest('live', { config: 'jest.live.config.js', args: chosen, env, run });
  } finally {
    await closeHost();
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
