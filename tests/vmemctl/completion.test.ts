import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { freePort } from '../support/freePort.ts';
import { startServer } from '../support/server.ts';
import { vmemctl } from './vmemctl.ts';

const root = join(import.meta.dirname, '../..');

let server: Awaited<ReturnType<typeof startServer>>;
let folder: string;
beforeAll(async () => {
  const vms = ['web1', 'web2', 'data base'].map((name) => ({ id: name, name }));
  server = await startServer({ 'Host.getOverview': () => ({ vms }) });
  folder = mkdtempSync(join(tmpdir(), 'vmemctl-'));
  const tsx = join(root, 'node_modules/tsx/dist/loader.mjs');
  const program = `exec '${process.execPath}' --import '${tsx}' '${join(root, 'src/vmemctl/program/main.ts')}'`;
  writeFileSync(join(folder, 'vmemctl'), `#!/bin/sh\n${program} "$@"\n`, { mode: 0o755 });
});
afterAll(async () => {
  rmSync(folder, { recursive: true });
  await server.stop();
});

const host = (): string => `-a 127.0.0.1:${String(server.port)}`;

/** Returns the words that may follow, without what they mean. */
async function words(line: string): Promise<string[]> {
  const { exit, stdout, stderr } = await vmemctl(['complete', '--line', line]);
  expect([exit, stderr]).toEqual([0, '']);
  return stdout
    .split('\n')
    .slice(0, -1)
    .map((each) => each.replace(/\t.*/, ''));
}

describe('the words that may follow', () => {
  test.each([
    ['vmemctl li', ['list']],
    ['vmemctl ', expect.arrayContaining(['list', 'events', 'call', 'VM', 'help'])],
    ['vmemctl --pki /x lis', ['list']],
    ['vmemctl --fl', ['--flow-id']],
    ['vmemctl events --ki', ['--kind']],
    ['vmemctl events --kind m', ['memory']],
    ['vmemctl completion z', ['zsh']],
    ['vmemctl VM setBal', ['setBalloonTarget']],
    ['vmemctl VM setBalloonTarget ', ['vmID=', 'target=']],
    ['vmemctl VM setBalloonTarget vmID=x ta', ['target=']],
    ['vmemctl call VM.setBal', ['VM.setBalloonTarget']],
    ['vmemctl help eve', ['events']],
    ['vmemctl --ca ', []],
    ['vmemctl nonsense ', []],
  ])('%j', async (line, expected) => {
    expect(await words(line)).toEqual(expected);
  });

  test('are the names of VMs, of the host that the line names', async () => {
    expect(await words(`vmemctl ${host()} show w`)).toEqual(['web1', 'web2']);
    expect(await words(`vmemctl show ${host()} data`)).toEqual(['data base']);
    expect(await words(`vmemctl ${host()} VM getStats vmID=w`)).toEqual(['vmID=web1', 'vmID=web2']);
    const nowhere = `-a ws://127.0.0.1:${String(await freePort())}`;
    expect(await words(`vmemctl ${nowhere} show w`)).toEqual([]);
  });

  test('have their meaning after a tab', async () => {
    const { stdout } = await vmemctl(['complete', '--line', 'vmemctl events --cou']);
    expect(stdout).toBe('--count\tend after so many events\n');
  });
});

describe('in bash', () => {
  const run = promisify(execFile);

  async function completed(line: string): Promise<string[]> {
    const script = `
      source <(vmemctl completion bash)
      COMP_LINE=$1 COMP_POINT=\${#1} COMP_WORDS=($1)
      _vmemctl
      printf '%s\\n' "\${COMPREPLY[@]}"`;
    const { stdout } = await run('bash', ['--norc', '-c', script, 'bash', line], {
      env: { PATH: `${folder}${delimiter}${process.env['PATH'] ?? ''}`, LC_ALL: 'C.UTF-8' },
    });
    return stdout.split('\n').slice(0, -1);
  }

  test('a command is completed, a name is quoted, and what readline keeps is left out', async () => {
    expect(await completed('vmemctl li')).toEqual(['list']);
    expect(await completed(`vmemctl ${host()} show d`)).toEqual(['data\\ base']);
    expect(await completed(`vmemctl ${host()} VM getStats vmID=web`)).toEqual(['web1', 'web2']);
  });
});

test.each(['bash', 'zsh', 'fish'])('there is a script for %s', async (shell) => {
  const { exit, stdout } = await vmemctl(['completion', shell]);
  expect(exit).toBe(0);
  expect(stdout).toContain(' complete --line ');
});

test('there is none for another shell', async () => {
  const { exit, stderr } = await vmemctl(['completion', 'csh']);
  expect(exit).toBe(2);
  expect(stderr).toMatch(/Allowed choices are bash, zsh, fish/);
});
