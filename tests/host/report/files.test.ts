import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { HostFiles } from '../../../src/host/report/files.ts';
import { rootWith } from '../../support/procfs.ts';

const root = () => rootWith({ 'sys/run': '1\n', 'sys/name': 'eth0\n', 'sys/empty': '' });

test('reads texts, numbers and the names in a folder', async () => {
  const files = new HostFiles(root());
  expect(await files.text('sys/name')).toBe('eth0\n');
  expect(await files.number('sys/run')).toBe(1);
  expect((await files.list('sys')).sort()).toEqual(['empty', 'name', 'run']);
});

test('what the kernel makes from memory is read as any other file', async () => {
  const files = new HostFiles(
    rootWith({ 'proc/7/status': 'Name: kvm\n', 'sys/kernel/mm/ksm/run': '1\n' }),
  );
  expect(await files.text('proc/7/status')).toBe('Name: kvm\n');
  expect(await files.text('/proc/7/status')).toBe('Name: kvm\n');
  expect(await files.number('sys/kernel/mm/ksm/run')).toBe(1);
  expect(await files.text('proc/8/status')).toBeUndefined();
  expect(await files.text('proc/7')).toBeUndefined();
});

test('a missing file and text that is no number are undefined', async () => {
  const files = new HostFiles(root());
  expect(await files.text('sys/none')).toBeUndefined();
  expect(await files.number('sys/none')).toBeUndefined();
  expect(await files.number('sys/name')).toBeUndefined();
  expect(await files.list('sys/none')).toEqual([]);
  expect(await files.list('sys/name')).toEqual([]);
});

describe('writing', () => {
  test('changes an existing file', async () => {
    const folder = root();
    const files = new HostFiles(folder);
    await files.write('sys/run', '0');
    expect(readFileSync(join(folder, 'sys/run'), 'utf8')).toMatch(/^0/);
    expect(await files.number('sys/run')).toBe(0);
  });

  test('creates no file', async () => {
    const files = new HostFiles(root());
    await expect(files.write('sys/none', '0')).rejects.toThrow('ENOENT');
    expect(await files.text('sys/none')).toBeUndefined();
  });
});
