import './lib/node.mjs';
import { randomInt } from 'node:crypto';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { openGuest } from './lib/host.mjs';
import { jest } from './lib/jest.mjs';
import { endAll, root } from './lib/run.mjs';
import { build, install } from './lib/setup.mjs';

const USAGE = `Usage: npm run test:fault -- [--long] [--seed N] [--no-skips] [what to run, as jest takes it]

What vmemd makes of faults around it: kills of vmemd and QEMU, a libvirtd that is stopped or frozen, guests that do not play
along. About a minute. Those on real libvirt need root, and install what is missing on Debian.

  --long      more of each: about half an hour
  --seed      chooses the requests and moments as in a run that printed it; the machine has its part in the rest
  --no-skips  makes a failure of what could not run; CI=true does so too
`;

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    long: { type: 'boolean' },
    seed: { type: 'string' },
    'no-skips': { type: 'boolean' },
    help: { type: 'boolean' },
  },
});
if (values.help) {
  process.stdout.write(USAGE);
  process.exit(0);
}
const seed = values.seed ?? String(randomInt(2 ** 31));
if (!/^\d+$/.test(seed)) {
  console.error(`--seed takes a number, not ${JSON.stringify(seed)}.`);
  process.exit(2);
}
const noSkips = values['no-skips'] || process.env.CI === 'true';
for (const signal of ['SIGINT', 'SIGTERM']) {
  process.once(signal, () => {
    endAll();
    process.exit(1);
  });
}

await install();
await build();
const { lacks, env } = await openGuest();
if (lacks) console.error(`No real libvirt to test on: ${lacks}.`);
const form = values.long ? 'long form, about half an hour' : 'short form, about a minute';
console.error(`Faults, ${form}, seed ${seed}.`);
const folder = mkdtempSync(join(tmpdir(), 'vmemd-fault-'));
const figures = join(folder, 'figures');
const run = await jest('fault', {
  config: 'jest.fault.config.js',
  args: positionals,
  env: {
    ...env,
    VMEMD_TEST_PROGRAM: join(root, 'dist/vmemd/main.cjs'),
    VMEMD_TEST_SEED: seed,
    VMEMD_TEST_FIGURES: figures,
    ...(values.long && { VMEMD_TEST_LONG: '1' }),
  },
});
console.log();
if (existsSync(figures)) process.stdout.write(readFileSync(figures));
rmSync(folder, { recursive: true, force: true });
for (const reason of run.reasons) console.log(`NOT RUN: ${reason}`);
const again = ['npm run test:fault --', values.long && '--long', `--seed ${seed}`, ...positionals];
if (!run.ok) console.log(`failed; again: ${again.filter(Boolean).join(' ')}`);
console.log(`${run.passed} passed, ${run.failed} failed, ${run.skipped} skipped; seed ${seed}`);
process.exitCode = !run.ok || (noSkips && run.reasons.length > 0) ? 1 : 0;
