import { describe, expect, test } from '@jest/globals';
import { HypervisorError } from '../../src/host/hypervisor.ts';
import { createLog } from '../../src/telemetry/log.ts';

function logged(isTTY: boolean, level: 'info' | 'debug' = 'info') {
  const lines: string[] = [];
  const log = createLog({ level, format: 'auto' }, { isTTY, write: (line) => lines.push(line) });
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

  test('begins each line for the journal with its priority, and leaves time and level to it', () => {
    const lines: string[] = [];
    const target = { isJournal: true, write: (line: string) => lines.push(line) };
    const text = createLog({ level: 'debug', format: 'text' }, target);
    text.debug('d');
    text.info({ vmID: 'a' }, 'i');
    text.warn('w');
    text.error({ err: new TypeError('broken') }, 'e');
    expect(lines.slice(0, 3)).toEqual(['<7>d\n', '<6>i vmID=a\n', '<4>w\n']);
    expect(lines[3]?.trimEnd().split('\n')).toEqual(
      expect.arrayContaining(['<3>e', '<3>TypeError: broken']),
    );
    expect(
      lines[3]
        ?.split('\n')
        .slice(0, -1)
        .every((line) => line.startsWith('<3>')),
    ).toBe(true);
    createLog({ level: 'info', format: 'auto' }, target).warn('w');
    expect(JSON.parse(lines[4]?.replace('<4>', '') ?? '')).toMatchObject({
      level: 'warn',
      msg: 'w',
    });
  });

  test.each([
    ['json', true, /^\{".*\}\n$/],
    ['text', false, /^\d\d:\d\d:\d\d.* x\n$/],
  ] as const)('has the form %s where the configuration asks for it', (format, isTTY, form) => {
    const lines: string[] = [];
    createLog({ level: 'info', format }, { isTTY, write: (line) => lines.push(line) }).info('x');
    expect(lines).toEqual([expect.stringMatching(form)]);
  });

  test("shows an error's stack on a terminal", () => {
    const { log, lines } = logged(true);
    log.error({ err: new TypeError('broken') }, 'failed');
    expect(lines[0]).toMatch(/ failed\nTypeError: broken\n +at /);
  });

  test('has a failure of the world in one line: its message and causes, each once, no stack', () => {
    const cause = new HypervisorError('unreachable', 'libvirt is gone');
    const error = new HypervisorError('failed', 'libvirt is gone', { cause });
    const other = new Error('cannot read', { cause: error });
    other.name = 'ConfigError';
    const system = Object.assign(new Error('EACCES: no'), { code: 'EACCES' });
    const { log, lines } = logged(false);
    for (const err of [error, other, system]) log.warn({ err }, 'failed');
    expect(lines.map((line) => (JSON.parse(line) as { err: unknown }).err)).toEqual([
      { type: 'HypervisorError', message: 'libvirt is gone' },
      { type: 'ConfigError', message: 'cannot read: libvirt is gone' },
      { type: 'Error', message: 'EACCES: no', code: 'EACCES' },
    ]);
    const terminal = logged(true);
    terminal.log.warn({ err: error, vmID: 'a' }, 'failed');
    expect(terminal.lines[0]).toMatch(/ failed \(libvirt is gone\) vmID=a\n$/);
  });

  test("has a bug's stack, whatever its error", () => {
    const { log, lines } = logged(false);
    log.error({ event: 'bug', err: new HypervisorError('failed', 'no') }, 'failed');
    log.error({ err: new TypeError('broken') }, 'failed');
    for (const line of lines) {
      expect(JSON.parse(line)).toMatchObject({ err: { stack: expect.any(String) as unknown } });
    }
  });
});
