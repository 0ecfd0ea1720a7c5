import { readFileSync } from 'node:fs';
import { describe, expect, test } from '@jest/globals';
import explainPolicy from '../../schema/verbs/Host.explainPolicy.ts';
import { configuration } from '../../schema/config.ts';
import { complaint, validator } from '../../src/common/validate.ts';
import { writtenSettings } from '../../src/policy/decide/lines/decided.ts';
import { answerLine, firstState } from '../../src/policy/decide/lines/answer.ts';
import { World } from '../support/world.ts';

const read = (name: string): string =>
  readFileSync(new URL(`../../docs/${name}`, import.meta.url), 'utf8');
const page = read('policy.md');
const rules = read('policy-rules.md');

/** The text between two marks of the rules. */
function between(begin: string, end: string): string {
  const [, rest = ''] = rules.split(begin);
  const [part = ''] = rest.split(end);
  return part;
}

const blocks = [...page.matchAll(/```json\n([^`]+)```/g)].map(([, text = '']) => text);

const requests = blocks
  .flatMap((text) => text.trim().split('\n'))
  .filter((line) => line.startsWith('{ "method"'))
  .map((line) => JSON.parse(line) as { method: string; params: object });

test('the page has requests', () => {
  expect(requests.length).toBeGreaterThan(3);
});

test('its requests are answered, one after the other', async () => {
  const world = await World.open();
  for (const { method, params } of requests) {
    await expect(world.call(method, params)).resolves.toMatchObject({ mode: expect.any(String) });
  }
});

test("the explanation that it shows is one, by the verb's contract", () => {
  const answer = JSON.parse(
    /```json\n([^`]+)```/.exec(between('<!-- answer: Host.explainPolicy -->', '| field'))?.[1] ??
      '',
  ) as unknown;
  const valid = validator(explainPolicy.result)();
  expect(valid(answer) ? 'valid' : complaint(valid)).toBe('valid');
});

describe.each(['adaptive', 'mom'] as const)('the parameters of %s', (algorithm) => {
  test('are those of the code, with their defaults', () => {
    const table = between(`<!-- parameters: ${algorithm} -->`, '<!-- end -->');
    const rows = [...table.matchAll(/^\| `(\w+)` +\| ([^ |]+) +\|/gm)];
    const shown = Object.fromEntries(rows.map(([, name = '', value = '']) => [name, value]));
    const settings = Object.entries(writtenSettings({ algorithm }));
    expect(shown).toEqual(
      Object.fromEntries(settings.map(([name, value]) => [name, String(value)])),
    );
  });
});

test('its line for vmemd decide is decided as shown', () => {
  const [, line = ''] = /^(\{"version": 1, "time": 5.+)$/m.exec(rules) ?? [];
  const { answer } = answerLine(line, firstState({ algorithm: 'adaptive', goal: 0.15 }));
  expect(rules).toContain(`\`\`\`text\n${answer}\n`);
});

test('the keys of the configuration that it names exist', () => {
  const named = [...(page + rules).matchAll(/\[(policy|memory)\] (\w+)/g)].map(
    ([, section, key]) => [section, key],
  );
  expect(named.length).toBeGreaterThan(3);
  const known: Readonly<Record<string, object>> = configuration;
  const unknown = named.filter(([section = '', key = '']) => !(key in (known[section] ?? {})));
  expect(unknown).toEqual([]);
});
