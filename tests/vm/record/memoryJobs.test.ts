import { describe, expect, test } from '@jest/globals';
import type { MemoryChange, MemoryJob } from '../../../src/memory/jobs.ts';
import { KiB, MiB, Milliseconds } from '../../../src/common/units.ts';
import { type JobFacts, MemoryJobs, type Wanted } from '../../../src/vm/record/memoryJobs.ts';
import { VirtualClock } from '../../support/virtualClock.ts';

const SIZE = KiB(131_072);
const facts: JobFacts = { action: 'unplug', flowId: 'flow' };
const unplug = (alias = 'dimm0'): Wanted => ({ action: 'unplug', alias, size: SIZE });
const resize = (size: number): Wanted => ({
  action: 'resize',
  alias: 'virtiomem0',
  size: KiB(size),
});

function open() {
  const clock = new VirtualClock();
  const told: [MemoryJob, MemoryChange][] = [];
  const jobs = new MemoryJobs({ clock, tell: (job, change) => told.push([job, change]) });
  const begin = (...wanted: Wanted[]) => jobs.begin(facts, () => wanted);
  const states = () => told.map(([, { alias, state }]) => `${alias} ${state}`);
  return { clock, jobs, begin, told, states };
}

describe('a job that begins', () => {
  test('has its changes queued, and is told of by nobody', () => {
    const { jobs, begin, told } = open();
    const job = begin(unplug(), unplug('dimm1'));
    expect(job).toMatchObject({ ...facts, startedAt: Date.UTC(2026, 0) });
    expect(job.changes).toEqual(
      ['dimm0', 'dimm1'].map((alias) => ({ ...unplug(alias), state: 'queued', attempts: 0 })),
    );
    expect(jobs.all).toEqual([job]);
    expect(told).toEqual([]);
  });

  test('has an id that devices may be named after', () => {
    const { jobs } = open();
    const { id, changes } = jobs.begin(facts, (name) => [unplug(`ua-${name}`)]);
    expect(id).toMatch(/^[0-9a-f]{8}$/);
    expect(changes[0]?.alias).toBe(`ua-${id}`);
    expect(jobs.get(id)?.id).toBe(id);
  });

  test('owes the guarantee that it was given', () => {
    const { jobs } = open();
    const { id } = jobs.begin({ ...facts, guaranteed: MiB(300) }, () => [unplug()]);
    expect(jobs.get(id)).toMatchObject({ guaranteed: 300, owesGuarantee: true });
    jobs.settle('owesGuarantee', [id]);
    expect(jobs.get(id)).not.toHaveProperty('owesGuarantee');
    expect(jobs.get(id)).toMatchObject({ guaranteed: 300 });
  });

  test.each(['requested', 'timed-out'] as const)(
    'lets other sizes that were %s of its devices count no more',
    (state) => {
      const { jobs, begin, states } = open();
      const { id } = begin(resize(1024));
      jobs.carryOn(id, 'virtiomem0', { state });
      begin(resize(2048));
      expect(states()).toEqual([`virtiomem0 ${state}`, 'virtiomem0 superseded']);
      expect(jobs.get(id)?.changes[0]?.state).toBe('superseded');
    },
  );

  test('leaves sizes alone that were reached', () => {
    const { jobs, begin, states } = open();
    jobs.carryOn(begin(resize(1024)).id, 'virtiomem0', { state: 'reached' });
    begin(resize(2048));
    expect(states()).toEqual(['virtiomem0 reached']);
  });
});

describe('a change that is carried on', () => {
  test('is told when its state is news, and only then', () => {
    const { jobs, begin, states, told } = open();
    const { id } = begin(unplug());
    jobs.carryOn(id, 'dimm0', { state: 'requested', attempts: 1 });
    jobs.carryOn(id, 'dimm0', { state: 'requested', attempts: 2 });
    jobs.carryOn(id, 'dimm0', { state: 'refused', message: 'no' });
    expect(states()).toEqual(['dimm0 requested', 'dimm0 refused']);
    expect(told[1]?.[1]).toMatchObject({ attempts: 2, message: 'no' });
  });

  test('ends its job with the last open one, once', async () => {
    const { clock, jobs, begin, told } = open();
    const { id } = begin(unplug(), unplug('dimm1'));
    jobs.carryOn(id, 'dimm0', { state: 'removed' });
    expect(jobs.get(id)).not.toHaveProperty('endedAt');
    await clock.advance(Milliseconds(1000));
    jobs.carryOn(id, 'dimm1', { state: 'timed-out' });
    await clock.advance(Milliseconds(1000));
    jobs.carryOn(id, 'dimm1', { state: 'removed-late' });
    const endedAt = Date.UTC(2026, 0) + 1000;
    expect(told.map(([job]) => job.endedAt)).toEqual([undefined, endedAt, endedAt]);
  });

  test('of no job or no device is nothing', () => {
    const { jobs, begin, told } = open();
    const { id } = begin(unplug());
    jobs.carryOn('nosuch', 'dimm0', { state: 'removed' });
    jobs.carryOn(id, 'dimm7', { state: 'removed' });
    expect(told).toEqual([]);
  });
});

describe('whoever waits for a job', () => {
  test('hears of its end, and of no other', async () => {
    const { jobs, begin } = open();
    const [first, second] = [begin(unplug()), begin(unplug('dimm1'))];
    let ended: MemoryJob | undefined;
    void jobs.ended(second.id).then((job) => (ended = job));
    jobs.carryOn(first.id, 'dimm0', { state: 'removed' });
    await Promise.resolve();
    expect(ended).toBeUndefined();
    jobs.carryOn(second.id, 'dimm1', { state: 'refused' });
    await Promise.resolve();
    expect(ended?.changes[0]?.state).toBe('refused');
  });

  test('is answered at once where it has ended, or is not known', async () => {
    const { jobs, begin } = open();
    const { id } = begin(unplug());
    jobs.carryOn(id, 'dimm0', { state: 'removed' });
    await expect(jobs.ended(id)).resolves.toMatchObject({ id });
    await expect(jobs.ended('nosuch')).resolves.toBeUndefined();
  });

  test.each(['clear', 'endAll'] as const)('is told the end by %s as well', async (end) => {
    const { jobs, begin } = open();
    const ended = jobs.ended(begin(unplug()).id);
    jobs[end]('over');
    await expect(ended).resolves.toMatchObject({ changes: [{ state: 'failed' }] });
  });
});

test('all that is open ends, and what has ended stays as it was', () => {
  const { jobs, begin, states } = open();
  const { id } = begin(unplug(), unplug('dimm1'));
  jobs.carryOn(id, 'dimm0', { state: 'timed-out' });
  jobs.endAll('the VM has ended');
  expect(states()).toEqual(['dimm0 timed-out', 'dimm1 failed']);
  expect(jobs.get(id)?.changes[1]).toMatchObject({ message: 'the VM has ended' });
});

describe('a timer', () => {
  const DELAY = Milliseconds(1000);

  test('runs in its time, and a new one in place of the one before', async () => {
    const { clock, jobs, begin } = open();
    const { id } = begin(unplug());
    const ran: string[] = [];
    jobs.arm(id, 'dimm0', DELAY, () => ran.push('first'));
    jobs.arm(id, 'dimm0', DELAY, () => ran.push('second'));
    await clock.advance(DELAY);
    expect(ran).toEqual(['second']);
  });

  test.each<[string, (jobs: MemoryJobs, id: string) => void]>([
    ['its change has ended', (jobs, id) => jobs.carryOn(id, 'dimm0', { state: 'removed' })],
    ['all is stopped', (jobs) => jobs.stop()],
    ['all is forgotten', (jobs) => jobs.clear()],
  ])('does not run once %s', async (_, end) => {
    const { clock, jobs, begin } = open();
    const { id } = begin(unplug());
    let hasRun = false;
    jobs.arm(id, 'dimm0', DELAY, () => (hasRun = true));
    end(jobs, id);
    await clock.advance(DELAY);
    expect(hasRun).toBe(false);
  });
});

const BALLOON = { target: KiB(900), memory: KiB(1000) };

describe('what is written', () => {
  test('takes along what the guest counted before, never less than nothing', () => {
    const { jobs, begin } = open();
    begin(unplug());
    jobs.before.compareWith({ available: KiB(1000), held: KiB(10) });
    jobs.before.allowFor(-1200, true);
    const again = open().jobs;
    again.read(jobs.written(new Set()));
    expect(again.before.total).toEqual({ available: 0, held: 10 });
    expect(again.all).toEqual(jobs.all);
  });

  test('is read again as it was', () => {
    const { jobs } = open();
    const full = { ...facts, requested: MiB(1400), guaranteed: MiB(900), deflated: BALLOON };
    const { id } = jobs.begin(full, () => [
      unplug(),
      { action: 'plug', alias: 'ua-1', size: SIZE, node: 1 },
    ]);
    jobs.carryOn(id, 'dimm0', { state: 'requested', attempts: 1, askedAt: jobs.now });
    jobs.carryOn(id, 'dimm0', { state: 'refused', message: 'no' });
    jobs.before.compareWith({ available: KiB(7), held: KiB(0) });
    const again = open().jobs;
    again.read(jobs.written(new Set()));
    expect(again.all).toEqual(jobs.all);
    expect(again.before.total).toEqual(jobs.before.total);
  });

  test('is nothing where there are no jobs, nor after all was forgotten', () => {
    const { jobs, begin } = open();
    expect(jobs.written(new Set())).toBe('');
    begin(unplug());
    jobs.before.compareWith({ available: KiB(7), held: KiB(0) });
    jobs.clear();
    expect(jobs.written(new Set())).toBe('');
    expect(jobs.before.total).toBeUndefined();
  });

  test('is not more than is worth keeping', () => {
    const { jobs, begin } = open();
    for (let n = 0; n < 30; n += 1) {
      jobs.carryOn(begin(unplug()).id, 'dimm0', { state: 'removed' });
    }
    jobs.written(new Set());
    expect(jobs.all).toHaveLength(8);
  });

  test.each([
    '',
    'nonsense',
    '[]',
    '{"jobs":[{}]}',
    '{"jobs":[]',
    'null',
    '{"jobs":[],"before":{}}',
    '{"jobs":[{"id":"a","action":"plug","flowId":"","startedAt":1,"changes":[{"action":"plug","alias":"dimm0","size":1,"state":"lost","attempts":1}]}]}',
  ])('by somebody else is passed over: %j', (text) => {
    const { jobs } = open();
    jobs.read(text);
    expect(jobs.all).toEqual([]);
    expect(jobs.before.total).toBeUndefined();
  });
});
