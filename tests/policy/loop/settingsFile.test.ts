import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { Milliseconds } from '../../../src/common/units.ts';
import { type Configured, settingsOf } from '../../../src/policy/loop/settings.ts';
import { SettingsFile } from '../../../src/policy/loop/settingsFile.ts';
import { recorder } from '../../support/call.ts';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'policy-settings-'));
});
afterEach(() => rm(folder, { recursive: true }));

const usual: Configured = { mode: 'off', parameters: { algorithm: 'adaptive', goal: 0.15 } };

function opened(configured = usual) {
  const { lines, log } = recorder();
  const path = join(folder, 'policy.json');
  return { path, lines, file: new SettingsFile(path, configured, log) };
}

const chosen = {
  ...settingsOf(usual),
  mode: 'act',
  algorithm: 'mom',
  parameters: { algorithm: 'mom', flavour: 'mom-doc', maxChange: 0.1 },
  since: Milliseconds(1_700_000_000_000),
  by: 'client',
  ksm: { ksmEnabled: true },
} as const;

test('without a file the configuration holds', async () => {
  const { file, lines } = opened();
  expect(await file.read()).toEqual(settingsOf(usual));
  expect(lines).toEqual([]);
});

test('what clients set holds after a restart', async () => {
  await opened().file.write(chosen);
  const { file, lines } = opened();
  expect(await file.read()).toEqual(chosen);
  expect(lines).toEqual([]);
});

test.each<[string, Configured]>([
  ['mode', { ...usual, mode: 'observe' }],
  ['algorithm', { ...usual, parameters: { algorithm: 'mom' } }],
  ['parameters', { ...usual, parameters: { algorithm: 'adaptive', goal: 0.25 } }],
])('a configuration whose %s was changed since then holds, which is said once', async (_, now) => {
  await opened().file.write(chosen);
  const { file, lines } = opened(now);
  expect(await file.read()).toEqual({ ...settingsOf(now), ksm: { ksmEnabled: true } });
  expect(lines).toEqual([
    expect.objectContaining({ level: 30, msg: expect.stringContaining('[policy] was changed') }),
  ]);
});

describe('a broken file is reported and ignored', () => {
  test.each([
    ['no JSON', () => '{"version": 1, "set'],
    ['another version', (text: string) => text.replace('"version":1', '"version":0')],
    ['an unknown mode', (text: string) => text.replace('"act"', '"go"')],
    ['an unknown parameter', (text: string) => text.replace('max_change', 'most_change')],
    ['a parameter outside its range', (text: string) => text.replace('0.1', '7')],
    ['no settings', () => '{"version": 1}'],
  ])('%s', async (_, damaged) => {
    const { file, path, lines } = opened();
    await file.write(chosen);
    await writeFile(path, damaged(await readFile(path, 'utf8')));
    expect(await file.read()).toEqual(settingsOf(usual));
    expect(lines).toEqual([expect.objectContaining({ level: 40, path })]);
  });
});

test('a file of a later format is left as it is', async () => {
  const { file, path, lines } = opened();
  await writeFile(path, '{"version":2}');
  expect(await file.read()).toEqual(settingsOf(usual));
  await file.write(chosen);
  expect(await readFile(path, 'utf8')).toBe('{"version":2}');
  expect(lines).toHaveLength(2);
});

test('a file that cannot be written is reported', async () => {
  await writeFile(join(folder, 'in-the-way'), '');
  const { lines, log } = recorder();
  await new SettingsFile(join(folder, 'in-the-way', 'policy.json'), usual, log).write(chosen);
  expect(lines).toEqual([
    expect.objectContaining({
      level: 40,
      msg: expect.stringContaining('lost if vmemd restarts before'),
    }),
  ]);
});
