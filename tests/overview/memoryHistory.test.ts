import { expect, test } from '@jest/globals';
import { Seconds } from '../../src/common/units.ts';
import { MemoryHistory } from '../../src/overview/history/memoryHistory.ts';
import type { Glance } from '../../src/overview/shown.ts';
import { VirtualClock } from '../support/virtualClock.ts';

/** A history of VMs that the test chooses. */
function open() {
  const clock = new VirtualClock();
  let ids: readonly string[] = [];
  const look = () =>
    Promise.resolve({
      time: 0,
      host: { total_kib: 1000, promised_kib: 128 },
      vms: ids.map((id) => ({ id, current_kib: 400, used_kib: undefined })),
    } as unknown as Glance);
  const history = new MemoryHistory({
    look,
    clock,
    step: { host: Seconds(5), vms: Seconds(10) },
  });
  return {
    clock,
    history,
    show: (names: readonly string[]) => (ids = names),
    wait: (seconds: number) => clock.advance((seconds * 1000) as never),
  };
}

test('a thousand VMs take ten megabytes, however long they run, and give them back', async () => {
  const { history, show, wait } = open();
  show(Array.from({ length: 1000 }, (_, n) => String(n)));
  const stop = history.start();
  await wait(60);
  const { bytes } = history;
  await wait(7200);
  expect(history.bytes).toBe(bytes);
  expect(bytes).toBeLessThan(10.2e6);
  show(['7']);
  await wait(5);
  expect(history.bytes).toBeLessThan(50_000);
  stop();
});

test('it records by itself until it is stopped', async () => {
  const { history, show, wait } = open();
  show(['a']);
  const stop = history.start();
  await wait(60);
  stop();
  await wait(30);
  const { series } = history.ofVm('a', 90);
  const known = series.current_kib.filter((value) => value !== null);
  expect(known.length).toBeGreaterThanOrEqual(6);
  expect(known.every((value) => value === 400)).toBe(true);
  expect(series.current_kib.slice(-3)).toEqual([null, null, null]);
  expect(series.used_kib.every((value) => value === null)).toBe(true);
});

test('a wall clock that is set moves the times and tears no hole', async () => {
  const { clock, history, show, wait } = open();
  show(['a']);
  const stop = history.start();
  await wait(60);
  const before = history.ofVm('a', 60);
  const wallTime = clock.wallTime.bind(clock);
  clock.wallTime = () => Seconds(wallTime() + 86_400);
  const after = history.ofVm('a', 60);
  expect(after.series).toEqual(before.series);
  expect(Date.parse(after.start) - Date.parse(before.start)).toBe(86_400_000);
  stop();
});

test('a VM that is not known has gaps', () => {
  const { history } = open();
  expect(history.ofVm('nobody', 30).series.current_kib).toEqual([null, null, null]);
});
