import { expect, test } from '@jest/globals';
import { refusesBadIds } from '../support/vmVerb.ts';
import { World } from '../support/world.ts';

refusesBadIds('VM.getMemoryHistory');

interface History {
  readonly step_s: number;
  readonly series: Readonly<Record<string, readonly (number | null)[]>>;
}

test('has what Host.getOverview had at that time', async () => {
  const world = await World.open();
  const vmID = await world.boot();
  await world.services.history.record();
  const { vms } = (await world.call('Host.getOverview')) as { vms: Record<string, number>[] };
  const { series } = (await world.call('VM.getMemoryHistory', { vmID })) as History;
  for (const name of ['current_kib', 'target_kib', 'guaranteed_kib', 'maximum_kib'])
    expect([name, series[name]?.at(-1)]).toEqual([name, vms[0]?.[name]]);
  expect(Math.abs(Number(series['used_kib']?.at(-1)) - Number(vms[0]?.['used_kib']))).toBeLessThan(
    4,
  );
});

test('a guest that does not report has gaps where its use would be', async () => {
  const world = await World.open();
  const vmID = await world.boot(1, { kernel: '/k', kernelArgs: 'vmemd.sim=no-driver' });
  await world.services.history.record();
  const { series } = (await world.call('VM.getMemoryHistory', { vmID, seconds: 10 })) as History;
  expect(series).toMatchObject({ used_kib: [null], swap_in_kib_s: [null] });
  expect(series['current_kib']).toEqual([1_048_576]);
});
