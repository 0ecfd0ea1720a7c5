import { execFileSync, spawn } from 'node:child_process';
import {
  cpSync,
  copyFileSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { readPage } from '../docs/markdown.ts';
import { FakeLibvirtd } from '../support/fakeLibvirtd.ts';
import { startServer } from '../support/server.ts';

const root = join(import.meta.dirname, '../..');
const tsc = join(root, 'node_modules/.bin/tsc');

let folder: string;
let installed: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'vmemd-consumer-'));
  installed = join(folder, 'node_modules/vmemd');
  mkdirSync(installed, { recursive: true });
  copyFileSync(join(root, 'package.json'), join(installed, 'package.json'));
  const dist = join(installed, 'dist');
  execFileSync(tsc, ['-p', join(root, 'tsconfig.client.json'), '--outDir', join(dist, 'types')]);
  execFileSync(process.execPath, [join(root, 'scripts/bundle.mjs'), dist]);
  mkdirSync(join(folder, 'node_modules/@types'));
  for (const name of ['@types/node', 'undici-types']) {
    symlinkSync(join(root, 'node_modules', name), join(folder, 'node_modules', name));
  }
  writeFileSync(join(folder, 'package.json'), '{"type": "module"}');
});
afterAll(() => {
  rmSync(folder, { recursive: true });
});

const common = { target: 'es2023', strict: true, skipLibCheck: false };
const resolutions = {
  nodenext: { ...common, module: 'nodenext' },
  bundler: { ...common, module: 'esnext', moduleResolution: 'bundler' },
};
type Resolution = keyof typeof resolutions;

/** Compiles a program of another package; returns what the compiler complains of. */
function compiled(program: string, resolution: Resolution = 'nodenext', types = ['node']): string {
  writeFileSync(join(folder, 'program.ts'), program);
  const compilerOptions = { ...resolutions[resolution], types };
  writeFileSync(join(folder, 'tsconfig.json'), JSON.stringify({ compilerOptions }));
  try {
    execFileSync(tsc, ['-p', folder], { encoding: 'utf8' });
    return '';
  } catch (error) {
    return (error as { stdout: string }).stdout;
  }
}

/** Runs what was compiled, not synchronously, as its server is in this process; returns what it prints. */
async function output(...args: string[]): Promise<string> {
  const child = spawn(process.execPath, ['program.js', ...args], { cwd: folder });
  let text = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.on('data', (chunk: Buffer) => (text += chunk.toString()));
  }
  await new Promise((resolve) => child.once('close', resolve));
  return text;
}

test('publint finds nothing wrong with the package', () => {
  for (const name of ['man', 'packaging', 'vmemd.conf.example', 'CHANGELOG.md']) {
    cpSync(join(root, name), join(installed, name), { recursive: true });
  }
  const publint = join(root, 'node_modules/publint/src/cli.js');
  const found = execFileSync(
    process.execPath,
    [publint, 'run', installed, '--strict', '--pack', 'false'],
    {
      encoding: 'utf8',
    },
  );
  expect(found).toMatch(/All good/);
});

describe('a program that imports vmemd/client', () => {
  test.each<Resolution>(['nodenext', 'bundler'])(
    'has its types by %s, and runs',
    async (resolution) => {
      const server = await startServer({
        'VM.setBalloonTarget': (params) => ({ code: 0, message: 'Done', applied: true, ...params }),
      });
      try {
        const program = `
        import { CallFailedError, Client, KiB } from 'vmemd/client';
        const client = new Client({ targets: [{ kind: 'plain', host: '127.0.0.1', port: ${String(server.port)} }] });
        const { applied, target } = await client.call('VM.setBalloonTarget', { vmID: 'x', target: KiB(786432) });
        const isApplied: boolean = applied;
        const kib: KiB | undefined = target;
        const failed = await client.request('VM.unknown').catch((error: unknown) => error);
        declare const console: { log(text: string): void };
        console.log(JSON.stringify({ isApplied, kib, code: failed instanceof CallFailedError && failed.code }));
        await client.close();
      `;
        expect(compiled(program, resolution, [])).toBe('');
        expect(JSON.parse(await output())).toEqual({
          isApplied: true,
          kib: 786_432,
          code: -32_601,
        });
      } finally {
        await server.stop();
      }
    },
  );

  test.each([
    ["client.call('VM.setBaloonTarget', { vmID: 'x', target: KiB(1) })", 'setBaloonTarget'],
    ["client.call('VM.setBalloonTarget', { vmID: 'x', target: 1 })", "'target'|KiB"],
    ["client.call('VM.setBalloonTarget', { vmID: 'x' })", 'target'],
    ["client.call('VM.setBalloonTarget')", 'arguments'],
  ])('is not compiled with the mistake in %s', (call, complaint) => {
    const program = `import { Client, KiB } from 'vmemd/client';
      const client = new Client({ targets: [] });
      export const one = KiB(1);
      await ${call};`;
    expect(compiled(program)).toMatch(new RegExp(complaint));
  });
});

describe('a program that imports vmemd/libvirt', () => {
  const dom = { name: 'a', uuid: '6695eb01-f6a4-8304-79aa-97f2502e193f', id: 1 };
  const { blocks } = readPage(readFileSync(join(root, 'docs/libvirt-client.md'), 'utf8'));
  const inLanguage = (wanted: string) =>
    blocks
      .filter(({ language }) => language === wanted)
      .map(({ line, lines }) => [line, lines.join('\n')] as const);

  test.each(inLanguage('ts'))(
    'is compiled as in the documents, line %i, by each resolution',
    (_, program) => {
      expect(compiled(program, 'bundler')).toBe('');
      expect(compiled(program)).toBe('');
    },
  );

  test('runs', async () => {
    const daemon = await FakeLibvirtd.start();
    try {
      daemon.on('connectListAllDomains', () => ({ domains: [dom], count: 1 }));
      daemon.on('domainGetInfo', () => ({
        state: 1,
        maxMemory: 8,
        memory: 4,
        vcpus: 1,
        cpuTime: 0n,
      }));
      daemon.on('domainSetMemoryFlags', () => undefined);
      daemon.on('domainSuspend', () => {
        daemon.publish({ kind: 'lifecycle', dom, event: 3, detail: 0 });
        return undefined;
      });
      writeFileSync(join(folder, 'program.js'), inLanguage('js')[0]?.[1] ?? '');
      expect(await output(daemon.uri)).toBe('a has 4 of 8 KiB\na: event 3, detail 0\n');
      expect(daemon.received('domainSetMemoryFlags')).toEqual([{ dom, size: 2, flags: 1 }]);
    } finally {
      await daemon.remove();
    }
  });

  test.each([
    ["connection.domainLookupByNmae('a')", 'domainLookupByName'],
    ['connection.domainLookupByName(1)', 'string'],
    ["connection.domainEventRegisterAny(undefined, 'lifecicle', () => undefined)", 'lifecycle'],
    ["connection.domainEventRegisterAny(undefined, 'reboot', ({ alias }) => alias)", 'alias'],
  ])('is not compiled with the mistake in %s', (call, complaint) => {
    const program = `import { Connection } from 'vmemd/libvirt';
      const connection = await Connection.open('test:///default');
      await ${call};`;
    expect(compiled(program)).toMatch(new RegExp(complaint));
  });
});
