import { execFileSync } from 'node:child_process';
import { chmodSync, existsSync, mkdirSync, mkdtempSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { root } from './run.mjs';

/**
 * Returns the folder of the program node of the newest release of this major version, which is downloaded from npm's
 * registry, a tarball with that program, unless that release was downloaded before. Throws if there is none.
 */
export function nodeFolder(major) {
  const name = `node-linux-${process.arch}`;
  const cache = join(root, '.cache/node');
  mkdirSync(cache, { recursive: true });
  const npm = (...args) => execFileSync('npm', args, { cwd: cache, encoding: 'utf8' });
  const versions = JSON.parse(npm('view', `${name}@${major}`, 'version', '--json'));
  const version = [versions].flat().sort(byNumber).at(-1);
  const folder = join(cache, `${name}-${version}`);
  if (existsSync(folder)) return folder;
  const work = mkdtempSync(join(cache, 'new-'));
  try {
    const [{ filename }] = JSON.parse(
      npm('pack', `${name}@${version}`, '--json', '--pack-destination', work),
    );
    const tarball = join(work, filename);
    execFileSync('tar', ['-xzf', tarball, '-C', work, '--strip-components=2', 'package/bin/node']);
    rmSync(tarball);
    // tests start it as other users, too
    chmodSync(work, 0o755);
    renameSync(work, folder);
  } catch (error) {
    rmSync(work, { recursive: true, force: true });
    throw error;
  }
  return folder;
}

const byNumber = (a, b) => a.localeCompare(b, 'en', { numeric: true });
