import './lib/node.mjs';
import { mkdirSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { build, install } from './lib/setup.mjs';
import { missing } from './lib/packages.mjs';
import { capture, show } from './lib/run.mjs';

const USAGE = `Usage: npm run test:fleet -- [--hosts N] [--minutes N] [--interval SECONDS]

Starts simulated hosts (20) in network namespaces, each a vmemd with TLS and ten guests of living loads, a Prometheus
that scrapes them all with a client certificate every 15 s, and for each the polling of ovirt-engine. It lets them run for
3 minutes; checks that nothing was missed, that the recorded sums are those of the hosts, that vmemctl shows all hosts,
and that a host that is killed is seen and comes back; and prints figures. Needs root, and the programs ip, unshare,
openssl and prometheus. It leaves nothing behind but logs in the system's folder of temporary files.`;

const PROGRAMS = ['ip', 'unshare', 'openssl', 'prometheus'];
const PACKAGES = 'iproute2 util-linux openssl prometheus';

const options = {
  hosts: { type: 'string', default: '20' },
  minutes: { type: 'string', default: '3' },
  interval: { type: 'string', default: '15' },
  help: { type: 'boolean' },
};
const { values } = parseArgs({ options });
if (values.help) {
  console.log(USAGE);
  process.exit(0);
}
const lacks = await whatIsLacking();
if (lacks) {
  console.error(`The fleet cannot be tried here: ${lacks}.`);
  process.exit(1);
}
await install();
await build();
const { hosts, minutes, interval } = values;
const fleet = ['--hosts', hosts, '--minutes', minutes, '--interval', interval];
// namespaces of its own, so that whatever ends it takes hosts, links and programs with it
const apart = ['--net', '--mount', '--pid', '--fork', '--kill-child', '--mount-proc'];
const script = 'mount -t tmpfs fleet /run/netns && exec tsx tests/fleet/main.ts "$@"';
process.exitCode = await show('unshare', [...apart, 'sh', '-c', script, 'fleet', ...fleet]);

async function whatIsLacking() {
  const numbers = [values.hosts, values.minutes, values.interval].map(Number);
  if (!numbers.every((number) => number > 0) || numbers[0] < 3 || numbers[0] > 200) {
    return '--hosts is from 3 to 200, --minutes and --interval are numbers above 0';
  }
  if (process.getuid?.() !== 0) return 'network namespaces need root';
  const absent = missing(PROGRAMS);
  if (absent.length > 0) {
    return `${absent.join(', ')} missing; on Debian: apt-get install ${PACKAGES}`;
  }
  mkdirSync('/run/netns', { recursive: true });
  const { code, stderr } = await capture('unshare', [
    '--net',
    '--mount',
    '--pid',
    '--fork',
    'true',
  ]);
  return code === 0 ? undefined : `namespaces are not allowed (${stderr.trim()})`;
}
