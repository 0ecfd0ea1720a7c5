import { execFile, spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { chmod, mkdir, mkdtemp, readdir, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { promisify } from 'node:util';
import { NAMESPACES } from '../support/namespaces.ts';
import type { Page } from './markdown.ts';
import { scriptOf } from './script.ts';

const root = join(import.meta.dirname, '../..');

/** Periods of a second shorten the waits of a page for new figures. */
const ENVIRONMENT = {
  VMEMD_SAMPLING_INTERVAL: '1',
  VMEMD_MEMORY_MEM_STATS_PERIOD_SECONDS: '1',
  VMEMD_POLICY_STATE_PATH: 'none',
};

/** How much of what a failed page printed is shown. */
const LINES_SHOWN = 60;

/** The programs of the checkout, on a PATH; some take seconds to start from their sources. */
export class Programs {
  readonly folder: string;

  private constructor(folder: string) {
    this.folder = folder;
  }

  /** Bundles them. */
  static async make(): Promise<Programs> {
    const cache = join(root, '.cache');
    await mkdir(cache, { recursive: true });
    // within the checkout: programs look for package.json above them
    const folder = await mkdtemp(join(cache, 'programs-'));
    await promisify(execFile)(process.execPath, ['scripts/bundle.mjs', folder], { cwd: root });
    await mkdir(join(folder, 'bin'));
    await symlink('../vmemctl/main.cjs', join(folder, 'bin/vmemctl'));
    const vmemd = join(folder, 'bin/vmemd');
    const bundled = existsSync(join(folder, 'vmemd')) ? await readdir(join(folder, 'vmemd')) : [];
    const main = bundled.find((name) => /^main\.[cm]?js$/.test(name));
    const source = `--import ${join(root, 'node_modules/tsx/dist/loader.mjs')} ${join(root, 'src/main.ts')}`;
    const program = main === undefined ? source : join(folder, 'vmemd', main);
    await writeFile(vmemd, `#!/bin/sh\nexec ${process.execPath} ${program} "$@"\n`);
    await chmod(vmemd, 0o755);
    return new Programs(folder);
  }

  remove(): Promise<void> {
    return rm(this.folder, { recursive: true, force: true });
  }
}

export interface PageOptions {
  /** The folder of a guest's kernel, for pages on libvirt. */
  readonly guest?: string;
}

/** Runs the page's commands in order; throws with the line, the command and the output of one that fails. */
export async function runPage(
  name: string,
  page: Page,
  programs: Programs,
  { guest }: PageOptions = {},
): Promise<void> {
  // sockets have short names only
  const folder = await mkdtemp(join(tmpdir(), 'doc-'));
  try {
    const script = join(folder, 'script');
    await writeFile(script, scriptOf(page));
    const command = [join(import.meta.dirname, 'page.sh'), name, script, folder];
    const { status, output } = await run(
      ['bash', ...command, ...daemonOptions(page, guest !== undefined)],
      {
        ...process.env,
        ...ENVIRONMENT,
        PATH: join(programs.folder, 'bin') + delimiter + (process.env['PATH'] ?? ''),
        CHECKOUT: root,
        ...(guest !== undefined && { LIBVIRT: guest }),
      },
    );
    if (status !== 0) throw new Error(`a command of ${name} failed:\n${output}`);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** Returns the options of the page's daemon; none if the page starts one itself. */
function daemonOptions(page: Page, isLibvirt: boolean): readonly string[] {
  const given = page.marks.find((mark) => mark.startsWith('vmemd: '))?.slice('vmemd: '.length);
  if (given === 'none') return [];
  const host = isLibvirt ? 'qemu:///system' : 'simulated';
  return ['--connect', host, ...(given?.split(' ') ?? [])];
}

function run(
  command: readonly string[],
  env: NodeJS.ProcessEnv,
): Promise<{ status: number | null; output: string }> {
  const child = spawn('unshare', [...NAMESPACES, ...command], {
    env,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const chunks: Buffer[] = [];
  for (const stream of [child.stdout, child.stderr]) {
    stream.on('data', (chunk: Buffer) => chunks.push(chunk));
  }
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (status) => {
      const lines = Buffer.concat(chunks).toString().split('\n');
      resolve({ status, output: lines.slice(-LINES_SHOWN).join('\n') });
    });
  });
}
