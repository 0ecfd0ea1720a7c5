import { expect, test } from '@jest/globals';
import { World } from '../support/world.ts';

interface History {
  readonly source: string;
  readonly start: string;
  readonly step_s: number;
  readonly series: Readonly<Record<string, readonly (number | null)[]>>;
}

test('a host that nothing was recorded of has gaps, not zeros', async () => {
  const world = await World.open();
  const { series, step_s } = (await world.call('Host.getMemoryHistory')) as History;
  expect(step_s).toBe(5);
  for (const values of Object.values(series)) expect(values).toEqual(Array(720).fill(null));
});

test('values stand at the time of their step, and a pause is a gap', async () => {
  const world = await World.open();
  await world.boot();
  const { history } = world.services;
  await history.record();
  await world.seconds(20);
  await history.record();
  const { start, series } = (await world.call('Host.getMemoryHistory', { seconds: 25 })) as History;
  const known = series['promised_kib']?.map((value) => value !== null);
  expect(known).toEqual([true, false, false, false, true]);
  expect(series['promised_kib']?.[0]).toBe(524_288);
  expect(Date.parse(start) / 1000).toBeLessThanOrEqual(world.clock.wallTime() - 20);
});

test.each([{ seconds: 0 }, { seconds: 1.5 }, { seconds: 'long' }, { minutes: 1 }])(
  'refuses a range without sense: %j',
  async (params) => {
    const world = await World.open();
    await expect(world.call('Host.getMemoryHistory', params)).rejects.toMatchObject({
      code: -32602,
    });
  },
);

test('more than the kept hour is refused without a Prometheus', async () => {
  const world = await World.open();
  await expect(world.call('Host.getMemoryHistory', { seconds: 3601 })).rejects.toMatchObject({
    code: 91,
    message: expect.stringContaining('[dashboard] prometheus_url'),
  });
});
