import './lib/node.mjs';
import assert from 'node:assert/strict';
import {
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  rmSync,
  statSync,
} from 'node:fs';
import { join } from 'node:path';
import { output } from './lib/container/engine.mjs';
import { installMissing, missing, packagesOf } from './lib/packages.mjs';
import { announce, root } from './lib/run.mjs';
import { build, install } from './lib/setup.mjs';

const USAGE = `Usage: npm run test:ansible [vmemd.deb vmemd-node.deb]

Checks the role of packaging/ansible by ansible-lint, and applies it to a fresh Debian 12 with the npm package, and with the
Debian packages if they are named: with --check, which must change nothing, for real, and again, which must find nothing
to change. Needs root on Debian 12, where it installs what is missing. Takes three minutes the first time, one later.`;

const PROGRAMS = ['ansible', 'ansible-lint', 'mmdebstrap'];
const PLAYBOOK = 'packaging/ansible/site.yml';
const folder = join(root, '.cache/ansible');

/** Makes what all hosts of the trial begin with: the users are those of libvirt's packages. */
async function makeBase() {
  const tar = join(folder, 'base.tar');
  if (existsSync(tar)) return tar;
  await announce('Making a Debian 12 by mmdebstrap', () =>
    output('mmdebstrap', [
      '--variant=minbase',
      '--include=python3,systemd,libstdc++6',
      '--customize-hook=chroot "$1" groupadd --force kvm',
      '--customize-hook=chroot "$1" useradd --system libvirt-qemu',
      'bookworm',
      tar,
    ]),
  );
  return tar;
}

async function makePki() {
  const pki = join(folder, 'pki');
  rmSync(pki, { recursive: true, force: true });
  await output(process.execPath, ['dist/vmemd/main.cjs', 'pki', '--init', pki]);
  return {
    vmemd_tls_ca: join(pki, 'certs/cacert.pem'),
    vmemd_tls_cert: join(pki, 'certs/vdsmcert.pem'),
    vmemd_tls_key: join(pki, 'keys/vdsmkey.pem'),
  };
}

/** Applies the role to a host; returns how many tasks changed something. */
async function apply(host, variables, ...options) {
  const mounted = 'mount -t proc proc "$1/proc" && shift && exec "$@"';
  const words = await output('unshare', [
    ...['--mount', 'sh', '-c', mounted, 'sh', host, 'env'],
    `ANSIBLE_ROLES_PATH=${join(root, 'packaging/ansible/roles')}`,
    'ANSIBLE_REMOTE_TMP=/tmp',
    'ansible-playbook',
    `--inventory=${host},`,
    '--connection=community.general.chroot',
    `--extra-vars=${JSON.stringify(variables)}`,
    '--diff',
    ...options,
    PLAYBOOK,
  ]);
  return Number(/\bchanged=(\d+)/.exec(words)?.[1]);
}

async function tryOn(tar, variables) {
  const host = mkdtempSync(join(folder, 'host-'));
  const within = (...args) => output('chroot', [host, ...args]);
  try {
    await output('tar', ['--extract', `--file=${tar}`, `--directory=${host}`]);
    copyFileSync(process.execPath, join(host, 'usr/local/bin/node'));
    const begun = await output('find', [join(host, 'etc'), join(host, 'usr')]);
    await apply(host, variables, '--check');
    assert.equal(await output('find', [join(host, 'etc'), join(host, 'usr')]), begun);
    console.log('ok     --check succeeds on a fresh host, and adds no file');
    assert.ok((await apply(host, variables)) > 0);
    assert.equal(await apply(host, variables), 0);
    assert.equal(await apply(host, variables, '--check'), 0);
    console.log('ok     the second run finds nothing to change, nor does --check');
    assert.match(await within('vmemd', '--check-config'), /mode = observe/);
    await within('systemctl', 'is-enabled', 'vmemd');
    const key = statSync(join(host, 'etc/pki/vdsm/keys/vdsmkey.pem'));
    assert.equal(key.mode & 0o777, 0o640);
    assert.equal(
      await within('stat', '--format=%U:%G', '/etc/pki/vdsm/keys/vdsmkey.pem'),
      'root:vmemd',
    );
    console.log('ok     vmemd is enabled, configured, and alone reads its key');
    assert.ok((await apply(host, { ...variables, vmemd_tune_ksm: true })) > 0);
    assert.equal(await apply(host, { ...variables, vmemd_tune_ksm: true }), 0);
    console.log('ok     another setting changes the host once');
  } finally {
    rmSync(host, { recursive: true, force: true });
  }
}

async function run([deb, node]) {
  const absent = packagesOf(missing(PROGRAMS));
  if (absent.length > 0) await installMissing(absent);
  mkdirSync(folder, { recursive: true });
  await announce('Checking the role by ansible-lint', () =>
    output('env', [
      '--chdir=packaging/ansible',
      'ansible-lint',
      '--offline',
      '--strict',
      '--profile=production',
      'site.yml',
      'roles/vmemd',
    ]),
  );
  console.log('ok     ansible-lint has no objections by its profile for production');
  await install();
  await build();
  const tar = await makeBase();
  const tls = await makePki();
  await output('npm', ['pack', '--ignore-scripts', `--pack-destination=${folder}`]);
  const tarball = readdirSync(folder).find((name) => name.endsWith('.tgz'));
  const packages = [{ vmemd_package: join(folder, tarball) }];
  if (deb !== undefined) packages.push({ vmemd_package: deb, vmemd_node_package: node ?? '' });
  for (const each of packages) {
    console.log(`\n${each.vmemd_package}`);
    await tryOn(tar, { ...each, ...tls });
  }
  if (deb === undefined)
    console.error(
      'NOT RUN: the Debian packages, as none are named; npm run package:deb makes them.',
    );
}

if (process.argv.includes('--help')) {
  console.log(USAGE);
} else {
  await run(process.argv.slice(2)).catch((error) => {
    console.error(`FAILED ${error.message}`);
    process.exitCode = 1;
  });
}
