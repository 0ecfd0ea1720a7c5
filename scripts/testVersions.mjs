import './lib/node.mjs';
import { existsSync } from 'node:fs';
import { openBrowser } from './lib/browser.mjs';
import { closeHost, openHost } from './lib/host.mjs';
import { jest } from './lib/jest.mjs';
import { installMissing, missing } from './lib/packages.mjs';
import { capture, elapsed, endAll } from './lib/run.mjs';
import { install } from './lib/setup.mjs';
import { systemOf } from './lib/versions/systems.mjs';

const VERSIONS = {
  debian12: { suite: 'bookworm', says: 'libvirt 9.0 and QEMU 7.2 of Debian 12' },
  'debian12-modular': {
    suite: 'bookworm',
    daemons: 'modular',
    says: 'the same with virtqemud, virtlogd, virtlockd (1)',
  },
  debian13: { suite: 'trixie', says: 'libvirt 11.3 and QEMU 10.0 of Debian 13' },
  'debian13-modular': {
    suite: 'trixie',
    daemons: 'modular',
    says: 'the same with virtqemud, virtlogd, virtlockd (1)',
  },
  testing: { suite: 'testing', says: 'what the next Debian has by now' },
};

const USAGE = `Usage: npm run test:versions -- [NAME...] [what to run, as jest takes it]

Runs all tests on real libvirt with each of these, or with those that are named: ten minutes each on two idle processors.

${Object.entries(VERSIONS)
  .map(([name, { says }]) => `  ${name.padEnd(17)} ${says}`)
  .join('\n')}

(1) without the tests of libvirt's test driver, which only libvirtd has.

libvirt and QEMU are those of a Debian in .cache/systems, made by mmdebstrap in a minute and kept for a week; virtqemud,
of which Debian has no package, is built from Debian's source in three. vmemd and the tests run outside. Needs root on
Debian and the network. Other versions of Node.js: npm run test:node.
`;

const args = process.argv.slice(2);
if (args.includes('--help')) {
  process.stdout.write(USAGE);
  process.exit(0);
}
if (process.getuid() !== 0 || !existsSync('/usr/bin/apt-get')) {
  console.error(
    'test:versions could not run: it needs root on Debian, to make systems and namespaces.',
  );
  process.exit(1);
}
for (const signal of ['SIGINT', 'SIGTERM']) {
  process.once(signal, () => {
    endAll();
    void closeHost().then(() => process.exit(1));
  });
}

const isName = (arg) => Object.hasOwn(VERSIONS, arg);
const tests = args.filter((arg) => !isName(arg));
const named = args.filter(isName);
const names = named.length > 0 ? named : Object.keys(VERSIONS);

await install();
await openBrowser();
if (missing(['mmdebstrap']).length > 0) await installMissing(['mmdebstrap']);
const results = [];
for (const name of names) {
  const result = await tryVersion(name);
  console.log(`\n${result.line}`);
  results.push(result);
}
console.log('\nIn all:');
for (const { line } of results) console.log(line);
process.exitCode = results.every(({ ok }) => ok) ? 0 : 1;

/** Runs the tests on this version; returns whether all ran and passed, and a line that says so. */
async function tryVersion(name) {
  const { suite, daemons = '' } = VERSIONS[name];
  const start = performance.now();
  try {
    const modular = names.some((each) => VERSIONS[each].suite === suite && VERSIONS[each].daemons);
    // for lab/libvirtd.sh, which tests run, too
    process.env.LAB_SYSTEM = await systemOf(suite, { modular });
    process.env.LAB_DAEMONS = daemons;
    const { lacks, env } = await openHost();
    if (lacks) throw new Error(lacks);
    const runs = await versionsOf(env.VMEMD_TEST_LIBVIRT, daemons ? 'virtqemud' : 'libvirtd');
    console.error(`\n${name}: ${runs}`);
    const run = await jest(name, { config: 'jest.live.config.js', args: tests, env });
    for (const reason of run.reasons) console.log(`${name}: skipped: ${reason}`);
    if (daemons) console.log(`${name}: no test of the test driver, which only libvirtd has`);
    const ok = run.ok && run.skipped === 0 && run.reasons.length === 0;
    const tally = `${run.passed} passed, ${run.failed} failed, ${run.skipped} skipped`;
    return { ok, line: `${name}: ${runs}: ${tally} in ${elapsed(start)}` };
  } catch (error) {
    return { ok: false, line: `${name}: NOT RUN: ${error.message}` };
  } finally {
    await closeHost();
  }
}

/** Returns the versions of the daemon at the first of these URIs, and of its QEMU; throws if it does not tell them. */
async function versionsOf(uris, daemon) {
  const [uri] = uris.split(' ');
  const { stdout, stderr } = await capture('virsh', ['--connect', uri, 'version', '--daemon']);
  const libvirt = /against daemon: (\S+)/.exec(stdout)?.[1];
  const qemu = /hypervisor: QEMU (\S+)/.exec(stdout)?.[1];
  if (!libvirt || !qemu) throw new Error(`the daemon does not tell its version: ${stderr.trim()}`);
  return `${daemon} ${libvirt}, QEMU ${qemu}`;
}
