import { execFile, spawn } from 'node:child_process';
import { copyFile, mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
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

/** The package as it is installed, with its programs on a PATH: pages neither wait for the checkout's dist/ nor need it. */
export class Programs {
  readonly folder: string;

  private constructor(folder: string) {
    this.folder = folder;
  }

  /** Builds it. */
  static async make(): Promise<Programs> {
    const folder = await mkdtemp(join(tmpdir(), 'vmemd-installed-'));
    await copyFile(join(root, 'package.json'), join(folder, 'package.json'));
    const dist = join(folder, 'dist');
    await promisify(execFile)(process.execPath, ['scripts/dist.mjs', dist], { cwd: root });
    await mkdir(join(folder, 'bin'));
    for (const name of ['vmemctl', 'vmemd']) {
      await symlink(`../dist/${name}/main.cjs`, join(folder, 'bin', name));
    }
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
