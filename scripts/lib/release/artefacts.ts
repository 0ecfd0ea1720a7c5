import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { copyFileSync, existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { billOf, refusedLicences, type Bundled } from './bundled.ts';

interface Release {
  readonly root: string;
  /** The folder that gets the files. */
  readonly out: string;
  readonly version: string;
  /** The time of the files, in seconds since 1970. */
  readonly epoch: number;
}

const read = (...path: string[]): string => readFileSync(join(...path), 'utf8');

/** Makes all that a release has; returns what was not built, a sentence each. Throws if a step fails. */
export function makeArtefacts(release: Release): string[] {
  const { root, out, epoch } = release;
  const env = { ...process.env, SOURCE_DATE_EPOCH: String(epoch) };
  const run = (command: string, ...args: string[]): void => {
    execFileSync(command, args, { cwd: root, env, stdio: ['ignore', 2, 2] });
  };
  run('npm', 'run', '--silent', 'build');
  run('npm', 'pack', '--silent', '--ignore-scripts', '--pack-destination', out);
  writeBill(release);
  copyFileSync(join(root, 'dist/licences.txt'), join(out, 'THIRD-PARTY-LICENSES.txt'));
  const packing = ['--dist', join(root, 'dist'), '--out', out];
  // without it the package cannot be installed on Debian 12
  for (const arch of ['amd64', 'arm64']) packing.push('--node', arch);
  run('npm', 'run', '--silent', 'package:deb', '--', ...packing);
  const lacks = image(release, run);
  writeFileSync(join(out, 'SHA256SUMS'), checksums(out));
  return lacks === undefined ? [] : [lacks];
}

/** Writes the bill of materials and the list of licences. Throws for a licence that is not allowed. */
function writeBill({ root, out, version, epoch }: Release): void {
  const packages = JSON.parse(read(root, 'dist/packages.json')) as Bundled[];
  const refused = refusedLicences(packages);
  if (refused.length > 0) {
    throw new Error(
      `Bundled packages have licences that are not in the list of scripts/lib/release/bundled.ts:\n${refused.join('\n')}`,
    );
  }
  const lock = JSON.parse(read(root, 'package-lock.json')) as {
    packages: Record<string, { integrity?: string }>;
  };
  const integrity = (name: string) => lock.packages[`node_modules/${name}`]?.integrity;
  const bill = billOf({ version, packages, integrity, time: new Date(epoch * 1000) });
  writeFileSync(join(out, `vmemd-${version}.cdx.json`), bill);
  writeFileSync(join(out, 'licences.json'), `${JSON.stringify(packages, null, 2)}\n`);
}

/** Writes the container image as an archive that `docker load` and `podman load` read; returns why it did not. */
function image(
  { root, out, version, epoch }: Release,
  run: (command: string, ...args: string[]) => void,
): string | undefined {
  if (!existsSync(join(root, 'docker/Dockerfile'))) {
    return 'No image was built: there is no docker/Dockerfile.';
  }
  if (!isInstalled('buildah')) {
    return 'No image was built: buildah is missing; on Debian: apt-get install buildah.';
  }
  const tag = `vmemd:${version}`;
  const { VMEMD_IMAGE_BASE: base } = process.env;
  run(
    'buildah',
    'build',
    '--isolation=chroot',
    // the only format that keeps a health check
    '--format=docker',
    `--timestamp=${String(epoch)}`,
    `--tag=localhost/${tag}`,
    '--file=docker/Dockerfile',
    ...(base === undefined ? [] : [`--build-arg=BASE=${base}`]),
    '.',
  );
  const archive = join(out, `vmemd-${version}-image.tar`);
  run('buildah', 'push', '--quiet', `localhost/${tag}`, `docker-archive:${archive}:${tag}`);
  return undefined;
}

const isInstalled = (program: string): boolean =>
  (process.env.PATH ?? '').split(delimiter).some((folder) => existsSync(join(folder, program)));

/** Returns the digests of the files of a folder, as `sha256sum --check` reads them. */
export const checksums = (folder: string): string =>
  readdirSync(folder)
    .filter((name) => name !== 'SHA256SUMS')
    .sort()
    .map((name) => {
      const digest = createHash('sha256')
        .update(readFileSync(join(folder, name)))
        .digest('hex');
      return `${digest}  ${name}\n`;
    })
    .join('');
