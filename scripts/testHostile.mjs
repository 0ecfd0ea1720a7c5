import './lib/node.mjs';
import { parseArgs } from 'node:util';
import { build, install } from './lib/setup.mjs';
import { missing } from './lib/packages.mjs';
import { capture, show } from './lib/run.mjs';

const USAGE = `Usage: npm run test:hostile -- [--inputs N] [--seed N] [--target NAME]
       npm run test:hostile -- --target NAME --replay FILE
       npm run test:hostile -- --target NAME --unreached

Hostile input, made by the grammars of what vmemd reads and chosen by seeds: STOMP, JSON-RPC, WebSocket, HTTP and TLS
against the built program on its simulated host; the same, XDR, domain XML, configuration and stored metadata against
their readers. It fails if vmemd ends, hangs, does not respond, reports an error of its own, grows, or keeps other
clients waiting.

--inputs  how many, over all targets (50000, within a minute); from 500000 on with the full numbers of connections
--seed    the first seed (1); an input has the seed of the one before it and 1
--target  only this one
--replay  the file of a finding; each finding is kept below tests/hostile/corpus, and the tests try it again
--unreached  what no input has executed of the source that was used, where that runs in the same process`;

/** vmemd's address for other machines ends with 1, that of a newcomer with 9. */
const NETWORK = '10.99.0';
/** A network of its own, and processes of its own, so that whatever ends the run takes vmemd with it. */
const NAMESPACES = ['--net', '--mount', '--pid', '--fork', '--kill-child', '--mount-proc'];
const APART = `ip link set lo up
for host in 1 9; do ip address add ${NETWORK}.$host/32 dev lo; done
exec tsx "$@"`;

const options = {
  inputs: { type: 'string', default: '50000' },
  seed: { type: 'string', default: '1' },
  target: { type: 'string' },
  replay: { type: 'string' },
  unreached: { type: 'boolean' },
  help: { type: 'boolean' },
};
const { values } = parseArgs({ options });
if (values.help) {
  console.log(USAGE);
  process.exit(0);
}
for (const name of ['inputs', 'seed']) {
  if (/^-?\d{1,12}$/.test(values[name])) continue;
  console.error(`--${name} takes a whole number, not ${JSON.stringify(values[name])}.`);
  process.exit(2);
}
await install();
await build();
const args = ['inputs', 'seed', 'target', 'replay'].flatMap((name) =>
  values[name] === undefined ? [] : [`--${name}`, values[name]],
);
if (values.unreached) args.push('--unreached');
const program = ['tests/hostile/main.ts', ...args];
const lacks = await whatIsLacking();
if (lacks) {
  console.error(
    `NOT RUN: idle connections of other machines, which are tried from this one (${lacks}).`,
  );
}
process.exitCode =
  lacks ?
    await show('tsx', program, { VMEMD_HOSTILE_BUILT: '1' })
  : await show('unshare', [...NAMESPACES, 'sh', '-c', APART, 'hostile', ...program], {
      VMEMD_HOSTILE_BUILT: '1',
      VMEMD_HOSTILE_NETWORK: NETWORK,
    });

/** Other machines are addresses in a network of the run's own, which also takes its thousands of ports. */
async function whatIsLacking() {
  if (process.getuid?.() !== 0) return 'a network of its own needs root';
  const absent = missing(['ip', 'unshare']);
  if (absent.length > 0) return `${absent.join(', ')} missing; on Debian: apt-get install iproute2`;
  const { code, stderr } = await capture('unshare', [...NAMESPACES, 'true']);
  return code === 0 ? undefined : `namespaces are not allowed: ${stderr.trim()}`;
}
