import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import {
  cpSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import { freePort } from '../support/freePort.ts';
import { needs } from '../support/needs.ts';

const root = join(import.meta.dirname, '../..');
const metadata = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as {
  readonly version: string;
  readonly private: boolean;
  readonly files: readonly string[];
  readonly scripts: Readonly<Record<string, string>>;
  readonly dependencies?: unknown;
};

let folder: string;
let child: ChildProcess | undefined;

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'vmemd-packages-'));
  run(process.execPath, join(root, 'scripts/dist.mjs'), join(folder, 'stage/dist'));
});
afterAll(() => {
  rmSync(folder, { recursive: true });
});
afterEach(() => {
  child?.kill('SIGKILL');
});

function run(program: string, ...args: readonly string[]): string {
  return execFileSync(program, [...args], { cwd: folder, encoding: 'utf8' });
}

/** Starts an installed vmemd on a simulated host; returns its URL when it serves. */
async function serve(program: string): Promise<string> {
  const address = `127.0.0.1:${String(await freePort())}`;
  const started = spawn(program, ['--connect', 'simulated', '--listen', address], { cwd: '/' });
  child = started;
  let errors = '';
  started.stderr.on('data', (chunk: Buffer) => (errors += chunk.toString()));
  for (;;) {
    const response = await fetch(`http://${address}/healthz`).catch(() => undefined);
    if (response?.ok) return address;
    if (started.exitCode !== null) throw new Error(`vmemd ended: ${errors}`);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

describe('the package for npm', () => {
  const modules = (): string => join(folder, 'consumer/node_modules');

  beforeAll(() => {
    const stage = join(folder, 'stage');
    for (const each of ['package.json', 'README.md', 'LICENSE', ...metadata.files]) {
      if (!each.includes('dist')) cpSync(join(root, each), join(stage, each), { recursive: true });
    }
    // scripts would build it a second time
    run('npm', 'pack', stage, '--ignore-scripts', '--silent');
    mkdirSync(join(folder, 'consumer'));
    writeFileSync(join(folder, 'consumer/package.json'), '{"type": "module"}');
    const file = join(folder, `vmemd-${metadata.version}.tgz`);
    const quiet = ['--no-audit', '--no-fund', '--silent'];
    run('npm', 'install', '--offline', ...quiet, '--prefix', join(folder, 'consumer'), file);
  });

  test('is built before it is packed, and not published by mistake', () => {
    expect(metadata.scripts['prepack']).toBe('npm run --silent build');
    expect(readFileSync(join(root, '.npmrc'), 'utf8')).not.toContain('ignore-scripts');
    expect(metadata.private).toBe(true);
  });

  test('is installed without another package and without sources', () => {
    expect(readdirSync(modules()).filter((name) => !name.startsWith('.'))).toEqual(['vmemd']);
    expect(readdirSync(join(modules(), 'vmemd'))).not.toContain('src');
  });

  test('has a daemon that serves, with its page, and a command line that reaches it', async () => {
    const address = await serve(join(modules(), '.bin/vmemd'));
    const vmemctl = join(modules(), '.bin/vmemctl');
    run(vmemctl, '--host', address, 'create', 'first', '--memory', '1G');
    expect(run(vmemctl, '--host', address, 'list', '--names')).toBe('first\n');
    const page = await fetch(`http://${address}/`, { headers: { accept: 'text/html' } });
    expect(await page.text()).toContain('<title>');
    const described = run(vmemctl, '--host', address, 'call', 'rpc.discover', '--json');
    const { methods } = JSON.parse(described) as { methods: readonly unknown[] };
    expect(methods).toHaveLength(readdirSync(join(root, 'src/verbs')).length);
  });

  test('has a client library that another program calls the daemon by', async () => {
    const address = await serve(join(modules(), '.bin/vmemd'));
    const [host, port] = address.split(':');
    writeFileSync(
      join(folder, 'consumer/list.js'),
      `import { Client } from 'vmemd/client';
       const client = new Client({ targets: [{ kind: 'plain', host: '${String(host)}', port: ${String(port)} }] });
       console.log(await client.call('Host.ping2', {}));
       await client.close();`,
    );
    expect(run(process.execPath, join(folder, 'consumer/list.js'))).not.toBe('');
  });
});

needs('dpkg-deb')('the package for Debian', () => {
  const make = (out: string): string => {
    const args = ['--dist', join(folder, 'stage/dist'), '--out', join(folder, out)];
    return run(process.execPath, join(root, 'scripts/packageDeb.mjs'), ...args).trim();
  };
  let file: string;
  beforeAll(() => {
    file = make('first');
  });

  test('has the programs, the service, manuals, completion and what watches it', () => {
    const files = run('dpkg-deb', '-c', file)
      .split('\n')
      .map((line) => line.split(' ./')[1]);
    expect(files).toEqual(
      expect.arrayContaining([
        'etc/vmemd/vmemd.conf',
        'usr/bin/vmemctl',
        'usr/bin/vmemd',
        'usr/lib/systemd/system/vmemd.service',
        'usr/lib/sysusers.d/vmemd.conf',
        'usr/lib/tmpfiles.d/vmemd.conf',
        'usr/lib/vmemd/dist/vmemctl/main.cjs',
        'usr/lib/vmemd/dist/vmemd/main.cjs',
        'usr/lib/vmemd/dist/web/index.html',
        'usr/share/bash-completion/completions/vmemctl',
        'usr/share/doc/vmemd/changelog.Debian.gz',
        'usr/share/doc/vmemd/copyright',
        'usr/share/fish/vendor_completions.d/vmemctl.fish',
        'usr/share/man/man1/vmemctl.1.gz',
        'usr/share/man/man8/vmemd.8.gz',
        'usr/share/vmemd/alert-rules.yml',
        'usr/share/vmemd/grafana-dashboard.json',
        'usr/share/vmemd/systemd/ksm.conf',
        'usr/share/vmemd/systemd/vmemd-mom.conf',
        'usr/share/zsh/vendor-completions/_vmemctl',
      ]),
    );
  });

  test('is the same file when it is made again', () => {
    expect(readFileSync(make('second')).equals(readFileSync(file))).toBe(true);
  });

  test('names the licence of each package that the programs contain', () => {
    const bundled = JSON.parse(readFileSync(join(folder, 'stage/dist/packages.json'), 'utf8')) as {
      readonly name: string;
      readonly license?: string;
    }[];
    const copyright = run(
      'sh',
      '-c',
      `dpkg-deb --fsys-tarfile ${file} | tar -xO ./usr/share/doc/vmemd/copyright`,
    );
    expect(bundled.map(({ name }) => name)).toEqual(expect.arrayContaining(['ws', 'preact']));
    for (const { name, license } of bundled) {
      expect(copyright).toContain(`${name} `);
      expect(license).toMatch(/^(MIT|ISC|BSD-3-Clause|Apache-2\.0)$/);
    }
  });
});

needs('dpkg-deb', 'lintian')('the package for Debian, as lintian reads it', () => {
  test('has nothing that lintian complains of, besides what is overridden with a reason', () => {
    const args = ['--dist', join(folder, 'stage/dist'), '--out', join(folder, 'checked')];
    const file = run(process.execPath, join(root, 'scripts/packageDeb.mjs'), ...args).trim();
    expect(run('lintian', '--allow-root', '--fail-on', 'none', file)).toBe('');
  });
});

test('the page is made of the packages whose licences are in the list', () => {
  const sources = readdirSync(join(root, 'web'), { recursive: true, encoding: 'utf8' })
    .filter((name) => /\.tsx?$/.test(name) && name !== 'vite.config.ts')
    .map((name) => readFileSync(join(root, 'web', name), 'utf8'))
    .join('\n');
  const names = [...sources.matchAll(/from '([a-z@][\w-]*)/g)].map(([, name]) => name);
  expect([...new Set(names)].sort()).toEqual(['preact', 'uplot']);
});
