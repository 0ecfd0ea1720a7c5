import './lib/node.mjs';
import { execFileSync, spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { jest } from './lib/jest.mjs';
import { nodeFolder } from './lib/nodeVersion.mjs';
import { announce, endAll, root } from './lib/run.mjs';
import { build, install } from './lib/setup.mjs';

const USAGE = `Usage: npm run test:node -- [--start-only] [20 22 24] [what to test, as jest takes it]

Starts the daemon and asks it by vmemctl, and runs all unit, contract and property tests, with each of these versions of
Node.js (20 22 24): eight minutes each on two processors. The newest release of each is downloaded from npm's registry.

  --start-only  start the daemon, and run no tests
`;

const DEADLINE_MS = 60_000;

const args = process.argv.slice(2);
if (args.includes('--help')) {
  process.stdout.write(USAGE);
  process.exit(0);
}
const isMajor = (arg) => /^\d\d$/.test(arg);
const named = args.filter(isMajor);
const majors = named.length > 0 ? named : ['20', '22', '24'];
const chosen = args.filter((arg) => !isMajor(arg) && arg !== '--start-only');

for (const signal of ['SIGINT', 'SIGTERM']) {
  process.once(signal, () => {
    endAll();
    process.exit(1);
  });
}

await install();
await build();
const failures = [];
for (const major of majors) {
  const folder = await announce(`Getting Node.js ${major}`, () =>
    Promise.resolve(nodeFolder(major)),
  );
  const PATH = [folder, join(root, 'node_modules/.bin'), process.env.PATH].join(delimiter);
  const version = execFileSync(join(folder, 'node'), ['--version'], { encoding: 'utf8' }).trim();
  try {
    console.log(`${version}: the daemon served ${starts(folder, PATH)}`);
  } catch (error) {
    failures.push(`${version}: the daemon did not serve vmemctl: ${error.message}`);
  }
  if (args.includes('--start-only')) continue;
  const run = await jest(version, { config: 'jest.config.js', args: chosen, env: { PATH } });
  console.log(`${version}: ${run.passed} passed, ${run.failed} failed, ${run.skipped} skipped`);
  for (const reason of run.reasons) console.log(`${version}: skipped: ${reason}`);
  if (!run.ok) failures.push(`${version}: tests failed`);
}
for (const each of failures) console.error(each);
process.exitCode = failures.length > 0 ? 1 : 0;

/** Starts the daemon on a simulated host; returns the VM that vmemctl made. Throws if it does not serve in time. */
function starts(folder, PATH) {
  const work = mkdtempSync(join(tmpdir(), 'vmemd-node-'));
  const socket = join(work, 'vmemd.sock');
  const env = { ...process.env, PATH, VMEMD_RPC_UNIX_SOCKET: socket, VMEMD_LOGGING_LEVEL: 'error' };
  const program = [join(root, 'dist/vmemd/main.cjs'), '--connect', 'simulated'];
  const daemon = spawn(join(folder, 'node'), [...program, '--listen', '127.0.0.1:0'], {
    cwd: work,
    env,
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  const vmemctl = (...words) =>
    execFileSync(
      join(folder, 'node'),
      [join(root, 'dist/vmemctl/main.cjs'), '--host', socket, ...words],
      { env, encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] },
    );
  const deadline = Date.now() + DEADLINE_MS;
  try {
    for (;;) {
      try {
        vmemctl('create', 'first', '--memory', '1G');
        return vmemctl('list', '--names').trim();
      } catch (error) {
        if (Date.now() > deadline) throw error;
        Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 100);
      }
    }
  } finally {
    daemon.kill();
    rmSync(work, { recursive: true, force: true });
  }
}
