import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
  chmodSync,
  cpSync,
  lutimesSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { gzipSync } from 'node:zlib';

/** A folder that becomes a Debian package; all in it has the same time, so that the same sources make the same package. */
export class DebFolder {
  /** `time`: seconds since 1970. */
  constructor(folder, time) {
    this.folder = folder;
    this.time = time;
    mkdirSync(folder, { recursive: true, mode: 0o755 });
  }

  write(path, content, mode = 0o644) {
    const file = join(this.folder, path);
    mkdirSync(dirname(file), { recursive: true, mode: 0o755 });
    writeFileSync(file, content);
    chmodSync(file, mode);
  }

  copy(from, path) {
    cpSync(from, join(this.folder, path), { recursive: true });
  }

  /** Writes a file that Debian has compressed, such as a manual page. */
  compress(path, content) {
    this.write(`${path}.gz`, gzipSync(content, { level: 9 }));
  }

  /** Builds the package of what is there and these control files, packed as well as `level` of xz does. Returns its path. */
  build(control, out, level = 6) {
    const files = filesIn(this.folder);
    const size = files.reduce((sum, file) => sum + Math.ceil(statSync(file).size / 1024), 0);
    const sums = files.map((file) => `${md5(file)}  ${relative(this.folder, file)}\n`);
    const text = control.control.replace('@SIZE@', String(size));
    const all = { ...control, control: text, md5sums: sums.join('') };
    for (const [name, content] of Object.entries(all)) {
      this.write(`DEBIAN/${name}`, content, SCRIPTS.has(name) ? 0o755 : 0o644);
    }
    this.#evenOut(this.folder);
    const field = (name) => new RegExp(`^${name}: (.+)$`, 'm').exec(text)[1];
    const file = join(out, `${field('Package')}_${field('Version')}_${field('Architecture')}.deb`);
    mkdirSync(out, { recursive: true });
    execFileSync(
      'dpkg-deb',
      ['--root-owner-group', '-Zxz', `-z${level}`, '--build', this.folder, file],
      {
        stdio: ['ignore', 'ignore', 'inherit'],
        env: { ...process.env, SOURCE_DATE_EPOCH: String(this.time) },
      },
    );
    return file;
  }

  /** Modes must not depend on who builds, nor times on when. */
  #evenOut(path) {
    const stat = statSync(path);
    if (stat.isDirectory()) for (const name of readdirSync(path)) this.#evenOut(join(path, name));
    chmodSync(path, stat.isDirectory() || stat.mode & 0o100 ? 0o755 : 0o644);
    lutimesSync(path, this.time, this.time);
  }
}

const SCRIPTS = new Set(['postinst', 'prerm', 'postrm']);

const filesIn = (folder) =>
  readdirSync(folder, { withFileTypes: true, recursive: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath ?? entry.path, entry.name))
    .sort();

const md5 = (file) => createHash('md5').update(readFileSync(file)).digest('hex');
