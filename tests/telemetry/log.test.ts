import { describe, expect, test } from '@jest/globals';
import { createLog } from '../../src/telemetry/log.ts';

function logged(isTTY: boolean, level: 'info' | 'debug' = 'info') {
  const lines: string[] = [];
  const log = createLog({ level }, { isTTY, write: (line) => lines.push(line) });
  return { log, lines };
}

describe('the log', () => {
  test('has JSON lines with the level as a word and the time in UTC', () => {
    const { log, lines } = logged(false);
    log.child({ flow_id: 'f1' }).warn({ vmID: 'a' }, 'hello');
    expect(JSON.parse(lines[0] ?? '')).toEqual({
      level: 'warn',
      time: expect.stringMatching(/^\d{4}-\d\d-\d\dT[\d:.]+Z$/) as unknown,
      flow_id: 'f1',
      vmID: 'a',
      msg: 'hello',
    });
  });

  test('omits lines below its level', () => {
    const { log, lines } = logged(false);
    log.debug('no');
    expect(lines).toEqual([]);
  });

  test('masks secrets', () => {
    const { log, lines } = logged(false);
    log.info({ password: 'p1', params: { ticket: 't1' } }, 'x');
    expect(lines.join('')).not.toMatch(/p1|t1/);
  });

  test('has readable lines on a terminal: time, level, message, fields', () => {
    const { log, lines } = logged(true);
    log.info({ vmID: 'a', size: 3, text: 'two words' }, 'hello');
    log.error('oh');
    log.info({ only: true });
    expect(lines[0]).toMatch(/^\d\d:\d\d:\d\d info {2}hello vmID=a size=3 text="two words"\n$/);
    expect(lines[1]).toMatch(/^\d\d:\d\d:\d\d error oh\n$/);
    expect(lines[2]).toMatch(/^\d\d:\d\d:\d\d info {2}only=true\n$/);
  });

  test("shows an error's stack on a terminal", () => {
    const { log, lines } = logged(true);
    log.error({ err: new TypeError('broken') }, 'failed');
    expect(lines[0]).toMatch(/ failed\nTypeError: broken\n +at /);
  });
});
