import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, jest, test } from '@jest/globals';
import { CpuUse } from '../../../src/host/report/cpuUse.ts';
import { Procfs } from '../../../src/host/report/procfs.ts';
import { Milliseconds } from '../../../src/common/units.ts';
import { until } from '../../support/until.ts';
import { VirtualClock } from '../../support/virtualClock.ts';
import { rootWith } from '../../support/procfs.ts';

const stat = (...lines: readonly string[]): string =>
  [...lines, 'intr 1 2 3', 'btime 1780000000', ''].join('\n');
const first = stat(
  'cpu  1000 100 300 8000 400 50 50 0 0 0',
  'cpu0 500 50 150 4000 200 25 25 0 0 0',
  'cpu1 500 50 150 4000 200 25 25 0 0 0',
);
const later = stat(
  'cpu  1050 100 310 8040 400 50 50 0 0 0',
  'cpu0 550 50 150 4000 200 25 25 0 0 0',
  'cpu1 500 50 160 4040 200 25 25 0 0 0',
);

/** A machine whose /proc/stat can be replaced. */
function opened(text: string) {
  const root = rootWith({
    'proc/stat': text,
    'sys/devices/system/node/node0/cpulist': '0\n',
    'sys/devices/system/node/node1/cpulist': '1,7\n',
  });
  const proc = new Procfs(root);
  const use = new CpuUse(proc);
  const clock = new VirtualClock();
  const timers = jest.spyOn(clock, 'after');
  const stop = use.start(clock, Milliseconds(5000));
  return {
    use,
    stop,
    clock,
    read: async () => use.read(await proc.numaNodes()),
    /** Waits until so many measurements have ended, each of which sets the time of the next one. */
    hasMeasured: (count: number) => until(() => timers.mock.calls.length >= count),
    /** Lets an interval pass, the first one or another. */
    interval: (ms = 5000) => clock.advance(Milliseconds(ms)),
    says: (now: string) => {
      writeFileSync(join(root, 'proc/stat'), now);
    },
  };
}

const use = (cpuUser: string, cpuSys: string, cpuIdle: string) => ({ cpuUser, cpuSys, cpuIdle });

/** The use between the two texts. */
async function measured(before: string, now: string) {
  const opening = opened(before);
  await opening.hasMeasured(1);
  opening.says(now);
  await opening.interval(500);
  await opening.hasMeasured(2);
  return opening;
}

test('is present in the first answer, which waits for a short interval, as text with two decimals', async () => {
  const { read, says, interval, hasMeasured } = opened(first);
  const answer = read();
  await hasMeasured(1);
  says(later);
  await interval(500);
  expect(await answer).toMatchObject(use('50.00', '10.00', '40.00'));
});

test('is also present for each CPU, with its NUMA node', async () => {
  const { read } = await measured(first, later);
  expect(await read()).toEqual({
    ...use('50.00', '10.00', '40.00'),
    cpuStatistics: {
      0: { ...use('100.00', '0.00', '0.00'), nodeIndex: 0 },
      1: { ...use('0.00', '20.00', '80.00'), nodeIndex: 1 },
    },
  });
});

test('is that of the last interval, however often and by whom it is read', async () => {
  const { read, says, interval } = await measured(first, later);
  const answers = [await read()];
  says(first);
  await interval(4999);
  answers.push(await read(), await read());
  expect(answers[1]).toEqual(answers[0]);
  expect(answers[2]).toEqual(answers[0]);
});

test('keeps its value if two reads fall into the same tick', async () => {
  const { read, interval, hasMeasured } = await measured(first, later);
  const before = await read();
  await interval();
  await hasMeasured(3);
  expect(await read()).toEqual(before);
});

test('is never negative, even if a counter goes back', async () => {
  const { read } = await measured(
    stat('cpu  100 0 0 100 50 0 0 0 0 0'),
    stat('cpu  200 0 0 100 40 0 0 0 0 0'),
  );
  expect(await read()).toMatchObject({ cpuIdle: '0.00' });
});

test('is absent if the machine has no counters, or if nothing measures', async () => {
  expect(await (await measured('', '')).read()).toEqual({});
  const proc = new Procfs(rootWith({ 'proc/stat': first }));
  expect(await new CpuUse(proc).read([])).toEqual({});
});

test('does not keep anybody waiting once it is stopped', async () => {
  const { read, stop } = opened(first);
  stop();
  expect(await read()).toEqual({});
});

test('a host that cannot be read yet is measured as soon as it can be', async () => {
  const proc = new Procfs(rootWith({ 'proc/stat': first }));
  const times = await proc.cpuTimes();
  let isOpen = false;
  proc.cpuTimes = () =>
    isOpen ? Promise.resolve(times) : Promise.reject(new Error('not connected'));
  const cpuUse = new CpuUse(proc);
  const clock = new VirtualClock();
  const stop = cpuUse.start(clock, Milliseconds(5000));
  await clock.advance(Milliseconds(2000));
  isOpen = true;
  await clock.advance(Milliseconds(1000));
  expect(await cpuUse.read([])).toEqual({});
  stop();
});
