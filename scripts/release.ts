import { execFileSync } from 'node:child_process';
import {
  chmodSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { parseArgs } from 'node:util';
import { makeArtefacts } from './lib/release/artefacts.ts';
import {
  compareVersions,
  complaintsOf,
  isVersion,
  released,
  unreleased,
} from './lib/release/changelog.ts';

const USAGE = `Usage: npm run release -- X.Y.Z [--dry-run] [--skip-tests] [--tag]

Makes the release X.Y.Z of what main has: gives package.json and what is generated of it the version, CHANGELOG.md the
day, commits that, and puts into dist/release/ the npm package, the Debian packages (with the Node.js for Debian 12, which
is downloaded), the container image (where buildah is), a bill of materials, the licences and SHA256SUMS. It pushes nothing.

  --dry-run     only look whether it can be made, and show what it would contain
  --skip-tests  run neither npm run check nor npm test before
  --tag         make the tag vX.Y.Z of the commit

SOURCE_DATE_EPOCH is the time of the files: by default that of the commit, so that everybody can make the same ones, but for
the image: its archive names the container that it was built in.
VMEMD_IMAGE_BASE is the image that the container image is made from.
`;

const root = dirname(import.meta.dirname);
const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    'dry-run': { type: 'boolean', default: false },
    'skip-tests': { type: 'boolean', default: false },
    tag: { type: 'boolean', default: false },
    help: { type: 'boolean', default: false },
  },
});
const [version] = positionals;
if (values.help || version === undefined) {
  process.stdout.write(USAGE);
  process.exit(values.help ? 0 : 2);
}

const git = (...args: string[]): string =>
  execFileSync('git', args, { cwd: root, encoding: 'utf8' }).trim();
const npm = (...args: string[]): void => {
  execFileSync('npm', args, { cwd: root, stdio: ['ignore', 2, 2] });
};
const changelog = readFileSync(join(root, 'CHANGELOG.md'), 'utf8');

const obstacles = [...obstaclesTo(version)];
for (const each of obstacles) console.error(each);
if (values['dry-run']) {
  console.log(`## [${version}]\n\n${unreleased(changelog)}`);
  process.exit(obstacles.length > 0 ? 1 : 0);
}
if (obstacles.length > 0) process.exit(1);
if (!values['skip-tests']) {
  npm('run', '--silent', 'check');
  npm('test', '--silent', '--', '--no-skips');
}
commit(version);
const { SOURCE_DATE_EPOCH } = process.env;
const epoch = Number(SOURCE_DATE_EPOCH ?? git('log', '-1', '--format=%ct'));
// the build empties dist/
mkdirSync(join(root, '.cache'), { recursive: true });
const work = mkdtempSync(join(root, '.cache/release-'));
const out = join(root, 'dist/release');
try {
  for (const each of makeArtefacts({ root, out: work, version, epoch })) console.error(each);
  rmSync(out, { recursive: true, force: true });
  renameSync(work, out);
  chmodSync(out, 0o755);
} catch (error) {
  rmSync(work, { recursive: true, force: true });
  console.error(
    `${String(error)}\nThe commit "Release ${version}" stays; undo it by: git reset --keep HEAD~1`,
  );
  process.exit(1);
}
if (values.tag) git('tag', '--annotate', '--message', `vmemd ${version}`, `v${version}`);
process.stdout.write(readFileSync(join(out, 'SHA256SUMS'), 'utf8'));

/** Says what keeps the release from being made, and what to do. */
function* obstaclesTo(wanted: string): Iterable<string> {
  const { version: now } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as {
    version: string;
  };
  if (!isVersion(wanted)) yield `${wanted} is no version; give one as 1.2.3 or 1.2.3-rc.1.`;
  else if (git('tag', '--list', `v${wanted}`) !== '') yield `There is a tag v${wanted} already.`;
  else if (compareVersions(wanted, now) < 0) yield `${wanted} is older than ${now}, which this is.`;
  if (git('status', '--porcelain') !== '') yield 'There are changes that are not committed.';
  const branch = git('branch', '--show-current');
  if (branch !== 'main') yield `This is the branch '${branch}'; releases are made on main.`;
  yield* complaintsOf(changelog).map((each) => `CHANGELOG.md: ${each}`);
  if (unreleased(changelog) === '') yield 'CHANGELOG.md has nothing under Unreleased.';
}

/** Gives the version to all files that have it, and commits them; ends the process if it cannot. */
function commit(wanted: string): void {
  const day = new Date().toISOString().slice(0, 10);
  try {
    writeFileSync(join(root, 'CHANGELOG.md'), released(changelog, wanted, day));
    npm('version', '--silent', '--no-git-tag-version', '--allow-same-version', wanted);
    npm('run', '--silent', 'generate');
    git('commit', '--all', '--quiet', '--message', `Release ${wanted}`);
  } catch (error) {
    console.error(
      `${String(error)}\nThe version ${wanted} is not committed; undo what names it already by: git restore .`,
    );
    process.exit(1);
  }
}
