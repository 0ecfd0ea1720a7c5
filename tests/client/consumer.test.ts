import { execFileSync, spawn } from 'node:child_process';
import { copyFileSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { startServer } from '../support/server.ts';

const root = join(import.meta.dirname, '../..');
const tsc = join(root, 'node_modules/.bin/tsc');

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'vmemd-consumer-'));
  const installed = join(folder, 'node_modules/vmemd');
  mkdirSync(installed, { recursive: true });
  copyFileSync(join(root, 'package.json'), join(installed, 'package.json'));
  const dist = join(installed, 'dist');
  execFileSync(tsc, ['-p', join(root, 'tsconfig.client.json'), '--outDir', join(dist, 'types')]);
  execFileSync(process.execPath, [join(root, 'scripts/bundle.mjs'), dist]);
  writeFileSync(join(folder, 'package.json'), '{"type": "module"}');
  writeFileSync(
    join(folder, 'tsconfig.json'),
    '{"compilerOptions": {"module": "nodenext", "target": "es2023", "strict": true, "types": []}}',
  );
});
afterAll(() => {
  rmSync(folder, { recursive: true });
});

/** Compiles a program of another package; returns what the compiler complains of. */
function compiled(program: string): string {
  writeFileSync(join(folder, 'program.ts'), program);
  try {
    execFileSync(tsc, ['-p', folder], { encoding: 'utf8' });
    return '';
  } catch (error) {
    return (error as { stdout: string }).stdout;
  }
}

describe('a program that imports vmemd/client', () => {
  test('gets methods, params and results with their types, and runs', async () => {
    const server = await startServer({
      'VM.setBalloonTarget': (params) => ({ code: 0, message: 'Done', applied: true, ...params }),
    });
    try {
      const complaints = compiled(`
        import { CallFailedError, Client, KiB } from 'vmemd/client';
        const client = new Client({ targets: [{ kind: 'plain', host: '127.0.0.1', port: ${String(server.port)} }] });
        const { applied, target } = await client.call('VM.setBalloonTarget', { vmID: 'x', target: KiB(786432) });
        const isApplied: boolean = applied;
        const kib: KiB | undefined = target;
        const failed = await client.request('VM.unknown').catch((error: unknown) => error);
        declare const console: { log(text: string): void };
        console.log(JSON.stringify({ isApplied, kib, code: failed instanceof CallFailedError && failed.code }));
        await client.close();
      `);
      expect(complaints).toBe('');
      // not synchronously, as the server is in this process
      const child = spawn(process.execPath, ['program.js'], { cwd: folder });
      let text = '';
      child.stdout.on('data', (chunk: Buffer) => (text += chunk.toString()));
      await new Promise((resolve) => child.once('close', resolve));
      expect(JSON.parse(text)).toEqual({ isApplied: true, kib: 786_432, code: -32_601 });
    } finally {
      await server.stop();
    }
  });

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
