import { closeSync, fstatSync, mkdtempSync, openSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { isJournal, Output } from '../../src/cli/output.ts';
import { Milliseconds } from '../../src/common/units.ts';
import { createLog } from '../../src/telemetry/log.ts';
import { VirtualClock } from '../support/virtualClock.ts';

const failure = (code: string): Error => Object.assign(new Error(`${code}: no`), { code });

/** A file that takes `room` bytes, then fails with `code`. */
function target(room = Infinity, code = 'EAGAIN') {
  const clock = new VirtualClock();
  const state = { text: '', room, code };
  const write = (bytes: Buffer): number => {
    const size = Math.min(bytes.length, state.room);
    if (size === 0) throw failure(state.code);
    state.room -= size;
    state.text += bytes.toString('utf8', 0, size);
    return size;
  };
  return { state, clock, output: new Output({ write, clock, maxWaiting: 10 }) };
}

describe('output', () => {
  test('is written at once', () => {
    const { state, output } = target();
    output.write('one\n');
    output.write('two\n');
    expect(state.text).toBe('one\ntwo\n');
    expect(output.dropped).toBe(0);
  });

  test('waits for a slow reader, and goes on within the line', async () => {
    const { state, clock, output } = target(2);
    output.write('one\n');
    output.write('two\n');
    expect(state.text).toBe('on');
    state.room = Infinity;
    await clock.advance(Milliseconds(100));
    expect(state.text).toBe('one\ntwo\n');
    expect(output.dropped).toBe(0);
  });

  test('drops and counts lines beyond what it keeps', async () => {
    const { state, clock, output } = target(0);
    for (const line of ['1234\n', '5678\n', 'lost\n', 'too\n']) output.write(line);
    expect(output.dropped).toBe(2);
    await clock.advance(Milliseconds(1000));
    expect(state.text).toBe('');
    state.room = Infinity;
    await clock.advance(Milliseconds(100));
    expect(state.text).toBe('1234\n5678\n');
  });

  test.each(['EPIPE', 'ENOSPC', 'EIO', 'EBADF'])(
    'survives %s, and is written again later',
    (code) => {
      const { state, output } = target(0, code);
      output.write('lost\n');
      output.write('lost too\n');
      expect(output.dropped).toBe(2);
      state.room = Infinity;
      output.write('there\n');
      expect(state.text).toBe('there\n');
      expect(output.dropped).toBe(2);
    },
  );

  test('ends a torn line before the next one', () => {
    const { state, output } = target(3, 'ENOSPC');
    output.write('torn line\n');
    state.room = Infinity;
    output.write('next\n');
    expect(state.text).toBe('tor\nnext\n');
  });

  test('reports once how many lines were lost and why', () => {
    const { state, output } = target(0, 'EPIPE');
    const reports: unknown[] = [];
    output.onRecovery((lost) => reports.push(lost));
    output.write('a\n');
    output.write('b\n');
    expect(reports).toEqual([]);
    state.room = Infinity;
    output.write('c\n');
    output.write('d\n');
    expect(reports).toEqual([{ lines: 2, reason: 'EPIPE: no', code: 'EPIPE' }]);
  });

  test('of a log has a line about the lost ones', () => {
    const state = { text: '', isBroken: true };
    const write = (bytes: Buffer): number => {
      if (state.isBroken) throw failure('EPIPE');
      state.text += bytes.toString();
      return bytes.length;
    };
    const log = createLog(
      { level: 'info', format: 'auto' },
      new Output({ write, clock: new VirtualClock() }),
    );
    log.info('lost');
    state.isBroken = false;
    log.info('written');
    const lines = state.text
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as object);
    expect(lines).toMatchObject([
      { msg: 'written' },
      {
        level: 'warn',
        lines: 1,
        reason: 'EPIPE: no',
        msg: expect.stringContaining('lost') as unknown,
      },
    ]);
  });

  test('settles when its reader has read all, however late', async () => {
    const { state, output } = target(0);
    output.write('last\n');
    const settled = output.settled();
    state.room = Infinity;
    expect(await settled).toBeUndefined();
    expect(state.text).toBe('last\n');
  });

  test('settles with what was lost', async () => {
    const { output } = target(0, 'ENOSPC');
    output.write('lost\n');
    expect(await output.settled()).toEqual({ lines: 1, reason: 'ENOSPC: no', code: 'ENOSPC' });
  });

  test('drains while the reader reads, and no longer than the deadline', async () => {
    const { state, output } = target(0);
    output.write('last\n');
    await output.drain(Milliseconds(30));
    expect(state.text).toBe('');
    state.room = Infinity;
    await output.drain(Milliseconds(60_000));
    expect(state.text).toBe('last\n');
  });
});

test('a descriptor is the journal if the variable of systemd names its file', () => {
  const folder = mkdtempSync(join(tmpdir(), 'vmemd-output-'));
  const fd = openSync(join(folder, 'log'), 'w');
  try {
    const { dev, ino } = fstatSync(fd);
    expect(isJournal(fd, `${String(dev)}:${String(ino)}`)).toBe(true);
    for (const other of [`${String(dev)}:${String(ino + 1)}`, '', undefined]) {
      expect(isJournal(fd, other)).toBe(false);
    }
  } finally {
    closeSync(fd);
    rmSync(folder, { recursive: true });
  }
});
