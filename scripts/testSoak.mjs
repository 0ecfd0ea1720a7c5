import './lib/node.mjs';
import { randomInt } from 'node:crypto';
import { parseArgs } from 'node:util';
import { missing } from './lib/packages.mjs';
import { show } from './lib/run.mjs';

const USAGE = `Usage: npm run test:soak -- [--minutes N | --seconds N] [--seed N]

50 clients of all protocols send random requests to a vmemd on a simulated host with 200 VMs, for 60 s or for so long,
while calls to the host fail, come late and get lost, its connection is cut, and guests crash, hang and reboot. They work
in rounds. After each, vmemd is compared with the host and with what it replied, and its heap, handles, listeners and
timers with those after the first round. The last round ends with SIGTERM. The judgements come on top of the time.

--seed  chooses requests and faults; a run with the same seed is similar, not the same`;

const { values } = parseArgs({
  options: {
    minutes: { type: 'string' },
    seconds: { type: 'string' },
    seed: { type: 'string', default: String(randomInt(2 ** 31)) },
    help: { type: 'boolean' },
  },
});
if (values.help) {
  console.log(USAGE);
  process.exit(0);
}
const { minutes, seconds = minutes === undefined ? '60' : String(60 * Number(minutes)) } = values;
for (const number of [seconds, values.seed]) {
  if (Number(number) > 0) continue;
  console.error(`--minutes, --seconds and --seed are numbers above 0, not ${number}.`);
  process.exit(2);
}
if (missing(['openssl']).length > 0) {
  console.error(
    'The soak cannot be tried here: openssl is missing; on Debian: apt-get install openssl.',
  );
  process.exit(1);
}
process.exitCode = await show('tsx', [
  'tests/soak/main.ts',
  '--seconds',
  seconds,
  '--seed',
  values.seed,
]);
