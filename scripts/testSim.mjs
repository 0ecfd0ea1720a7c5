import './lib/node.mjs';
import { randomInt } from 'node:crypto';
import { parseArgs } from 'node:util';
import { show } from './lib/run.mjs';

const USAGE = `Usage: npm run test:sim -- [--hours H | --seconds S] [--first N]
       npm run test:sim -- --seed N

Deterministic simulation: vmemd on a simulated host, in virtual time, with a fault at each place where a call, a reply or
an event crosses between them, a timer wakes vmemd or a file is written, and a second fault at places of its next start:
a quarter of an hour or more. Then two to four requests at the same time with faults, as seeds choose them.

--hours, --seconds  plays seeds for so long after the rest; from a random one on, unless --first says from which
--seed              plays one seed, and prints all that crossed between vmemd and the host`;

const { values } = parseArgs({
  options: {
    hours: { type: 'string' },
    seconds: { type: 'string' },
    first: { type: 'string' },
    seed: { type: 'string' },
    help: { type: 'boolean' },
  },
});
if (values.help) {
  console.log(USAGE);
  process.exit(0);
}
const numbers = { hours: 0, seconds: 0, first: randomInt(2 ** 31), ...values };
for (const [name, value] of Object.entries(numbers)) {
  if (Number.isFinite(Number(value)) && value !== '') continue;
  console.error(`--${name} takes a number, not ${JSON.stringify(value)}.`);
  process.exit(2);
}
const seconds = Number(numbers.hours) * 3600 + Number(numbers.seconds);
const env = {
  VMEMD_SIM_EVERY: '1',
  ...(values.seed && { VMEMD_SIM_SEED: values.seed }),
  ...(seconds > 0 && {
    VMEMD_SIM_SECONDS: String(seconds),
    VMEMD_SIM_FIRST: String(numbers.first),
  }),
};
const tests = values.seed ? 'tests/simulation/random' : 'tests/simulation';
// on a busy machine a sweep takes many minutes
const PATIENCE_MS = 3_600_000;
const args = ['--config', 'jest.config.js', '--testTimeout', String(PATIENCE_MS), tests];
process.exitCode = await show('jest', args, env);
