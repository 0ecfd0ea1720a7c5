import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { root } from './run.mjs';

/** The names of Debian's architectures in npm's registry. */
const NAMES = { amd64: 'x64', arm64: 'arm64' };

/**
 * Returns the program node of the version in packaging/deb/node.json, its version and its licence; it is downloaded
 * from npm's registry once. Throws if it is not the file that is expected.
 */
export function nodeProgram(arch) {
  const { version, integrity } = JSON.parse(
    readFileSync(join(root, 'packaging/deb/node.json'), 'utf8'),
  );
  const name = NAMES[arch];
  if (name === undefined) throw new Error(`--node ${arch}: name amd64 or arm64.`);
  const folder = join(root, '.cache/node');
  mkdirSync(folder, { recursive: true });
  const tarball = join(folder, `node-linux-${name}-${version}.tgz`);
  if (!existsSync(tarball)) {
    const args = ['pack', '--silent', `node-linux-${name}@${version}`];
    execFileSync('npm', args, { cwd: folder, stdio: ['ignore', 'ignore', 'inherit'] });
  }
  const found = `sha512-${createHash('sha512').update(readFileSync(tarball)).digest('base64')}`;
  if (found !== integrity[arch]) {
    throw new Error(`${tarball} is not the file that packaging/deb/node.json names; remove it.`);
  }
  const extract = (file) =>
    execFileSync('tar', ['-xzOf', tarball, `package/${file}`], { maxBuffer: 2 ** 30 });
  return { version, program: extract('bin/node'), licence: extract('LICENSE') };
}
