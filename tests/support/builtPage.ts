import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll } from '@jest/globals';

const folders: string[] = [];
afterAll(() => {
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true, force: true });
});

export const SCRIPT = `console.log(${JSON.stringify('x'.repeat(5000))});\n`;

/** Makes the folder of a page as Vite builds it, with a file beside it that is no part of it. */
export function builtPage(): string {
  const outer = mkdtempSync(join(tmpdir(), 'vmemd-page-'));
  folders.push(outer);
  const folder = join(outer, 'web');
  mkdirSync(join(folder, 'assets'), { recursive: true });
  writeFileSync(join(folder, 'index.html'), '<!doctype html><title>the page</title>');
  writeFileSync(join(folder, 'icon.svg'), '<svg/>');
  writeFileSync(join(folder, 'assets', 'main-abc.js'), SCRIPT);
  writeFileSync(join(outer, 'secret.txt'), 'secret');
  return folder;
}
