import { spawnSync } from 'node:child_process';
import { expect, test } from '@jest/globals';
import { declaredIn } from '../support/metricsPage.ts';
import { needs } from '../support/needs.ts';
import { readPage } from './markdown.ts';
import { textOf } from './pages.ts';

const text = textOf('docs/metrics.md');
const namesIn = (page: string, name: RegExp): string[] =>
  [...page.matchAll(name)].map(([found]) => found);

test('the page of the metrics has each alert, and no other', () => {
  const alerts = namesIn(textOf('docker/alert-rules.yml'), /(?<=- alert: )\w+/g);
  expect(new Set(namesIn(text, /\bVmemd[A-Z]\w+/g))).toEqual(new Set(alerts));
});

test('the metrics that it names exist', () => {
  const declared = declaredIn(textOf('fixtures/metrics/page.txt'));
  const named = namesIn(text, /(?<=`)(?:vmemd|libvirt)_\w+(?=`)/g);
  expect(named.length).toBeGreaterThan(10);
  expect(named.filter((name) => !declared.has(name) && !declared.has(`${name}_bucket`))).toEqual(
    [],
  );
});

/** By a pipe: the input of a child is a socket here, which /dev/stdin cannot be opened of. */
const CHECK = 'cat | promtool check config --syntax-only /dev/stdin';

needs('promtool')('promtool', () => {
  test('accepts the configuration that it shows', () => {
    const block = readPage(text).blocks.find(({ language }) => language === 'yaml');
    const input = block?.lines.join('\n') ?? '';
    const checked = spawnSync('sh', ['-c', CHECK], { input });
    expect({ status: checked.status, problems: String(checked.stderr) }).toEqual({
      status: 0,
      problems: '',
    });
  });
});
