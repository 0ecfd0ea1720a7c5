import './lib/node.mjs';
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { DebFolder } from './lib/debFiles.mjs';
import { nodeProgram } from './lib/nodeProgram.mjs';
import { root } from './lib/run.mjs';

const USAGE = `Usage: npm run package:deb -- [--node amd64|arm64]... [--version VERSION] [--out FOLDER] [--dist FOLDER]

Makes the Debian package vmemd, for all architectures, and prints its path.

  --node ARCH        make the package vmemd-node too: the Node.js for Debian 12, downloaded from npm's registry
  --version VERSION  Debian's version (that of package.json with -1)
  --out FOLDER       where the packages are put (dist/packages)
  --dist FOLDER      the build to package; without it, dist/ is built

The same sources make the same package, byte by byte. SOURCE_DATE_EPOCH is the time of its files (the last commit's).
`;

const { values } = parseArgs({
  options: {
    node: { type: 'string', multiple: true, default: [] },
    version: { type: 'string' },
    out: { type: 'string', default: 'dist/packages' },
    dist: { type: 'string' },
    help: { type: 'boolean' },
  },
});
if (values.help) {
  process.stdout.write(USAGE);
  process.exit(0);
}

const read = (path) => readFileSync(join(root, path), 'utf8');
const { version: release } = JSON.parse(read('package.json'));
// Debian takes a later version for a newer one, and 1.0~rc for one before 1.0
const version = values.version ?? `${release.replace('-', '~')}-1`;
const maintainer =
  process.env.DEBEMAIL ?
    `${process.env.DEBFULLNAME ?? 'vmemd'} <${process.env.DEBEMAIL}>`
  : 'The authors of vmemd <vmemd@vmemd.invalid>';
const time = Number(process.env.SOURCE_DATE_EPOCH ?? lastCommit());
const out = resolve(root, values.out);
const dist = values.dist === undefined ? builtDist() : resolve(values.dist);

/** Better levels take minutes for a few MiB. */
const NODE_LEVEL = 1;
const work = mkdtempSync(join(tmpdir(), 'vmemd-deb-'));
try {
  console.log(daemonPackage().build(controlFiles('control', { VERSION: version }), out));
  for (const arch of values.node) console.log(nodePackage(arch));
} finally {
  rmSync(work, { recursive: true });
}

function daemonPackage() {
  const deb = new DebFolder(join(work, 'vmemd'), time);
  for (const name of ['vmemd', 'vmemctl', 'web']) {
    deb.copy(join(dist, name), `usr/lib/vmemd/dist/${name}`);
  }
  deb.write(
    'usr/lib/vmemd/package.json',
    `${JSON.stringify({ name: 'vmemd', version: release })}\n`,
  );
  for (const name of ['vmemd', 'vmemctl']) {
    // it is run by usr/bin, not by itself
    const file = join(dist, name, 'main.cjs');
    deb.write(
      `usr/lib/vmemd/dist/${name}/main.cjs`,
      readFileSync(file, 'utf8').replace(/^#!.*/, ''),
    );
    const program = read('packaging/deb/program').replace('@PROGRAM@', name);
    deb.write(`usr/bin/${name}`, program, 0o755);
  }
  deb.write('etc/vmemd/vmemd.conf', read('vmemd.conf.example'));
  deb.write('usr/lib/systemd/system/vmemd.service', read('packaging/systemd/vmemd.service'));
  deb.write('usr/lib/sysusers.d/vmemd.conf', read('packaging/systemd/vmemd.sysusers'));
  deb.write('usr/lib/tmpfiles.d/vmemd.conf', read('packaging/systemd/vmemd.tmpfiles'));
  for (const name of ['ksm.conf', 'vmemd-mom.conf']) {
    deb.write(`usr/share/vmemd/systemd/${name}`, read(`packaging/systemd/${name}`));
  }
  for (const name of readdirSync(join(root, 'docker'))) {
    if (!/(dashboard\.json|rules\.yml)$/.test(name)) continue;
    deb.write(`usr/share/vmemd/${name}`, read(`docker/${name}`));
  }
  deb.compress('usr/share/man/man8/vmemd.8', read('man/vmemd.8'));
  deb.compress('usr/share/man/man1/vmemctl.1', read('man/vmemctl.1'));
  const shells = {
    bash: 'bash-completion/completions/vmemctl',
    zsh: 'zsh/vendor-completions/_vmemctl',
    fish: 'fish/vendor_completions.d/vmemctl.fish',
  };
  for (const [shell, path] of Object.entries(shells)) {
    const program = [join(dist, 'vmemctl/main.cjs'), 'completion', shell];
    deb.write(`usr/share/${path}`, execFileSync(process.execPath, program));
  }
  document(
    deb,
    'vmemd',
    read('packaging/deb/copyright') + readFileSync(join(dist, 'licences.txt')),
  );
  deb.compress('usr/share/doc/vmemd/changelog', read('CHANGELOG.md'));
  deb.write('usr/share/lintian/overrides/vmemd', read('packaging/deb/lintian-overrides'));
  return deb;
}

function nodePackage(arch) {
  const { version: nodeVersion, program, licence } = nodeProgram(arch);
  const deb = new DebFolder(join(work, `node-${arch}`), time);
  deb.write('usr/lib/vmemd/node', program, 0o755);
  document(deb, 'vmemd-node', licence);
  const overrides = read('packaging/deb/lintian-overrides.node');
  deb.write('usr/share/lintian/overrides/vmemd-node', overrides);
  const fields = { VERSION: `${nodeVersion}-1`, ARCH: arch };
  const { control } = controlFiles('control.node', fields);
  return deb.build({ control }, out, NODE_LEVEL);
}

function document(deb, name, copyright) {
  const folder = `usr/share/doc/${name}`;
  deb.write(`${folder}/copyright`, copyright);
  const date = execFileSync('date', ['--utc', '--rfc-email', `--date=@${time}`], {
    encoding: 'utf8',
    env: { ...process.env, LC_ALL: 'C' },
  }).trim();
  const entry = `vmemd (${version}) stable; urgency=medium\n\n  * Release ${release}; CHANGELOG.md has its changes.\n\n -- ${maintainer}  ${date}\n`;
  deb.compress(`${folder}/changelog.Debian`, entry.replace('vmemd', name));
}

function controlFiles(name, fields) {
  const all = { ...fields, MAINTAINER: maintainer };
  const control = Object.entries(all).reduce(
    (text, [field, value]) => text.replace(`@${field}@`, value),
    read(`packaging/deb/${name}`),
  );
  const script = (each) => [each, read(`packaging/deb/${each}`)];
  return {
    control,
    conffiles: '/etc/vmemd/vmemd.conf\n',
    ...Object.fromEntries(['postinst', 'prerm', 'postrm'].map(script)),
  };
}

function builtDist() {
  execFileSync(process.execPath, ['scripts/dist.mjs'], { cwd: root, stdio: ['ignore', 2, 2] });
  return join(root, 'dist');
}

function lastCommit() {
  return execFileSync('git', ['log', '-1', '--format=%ct'], { cwd: root, encoding: 'utf8' }).trim();
}
