import { expect, test } from '@jest/globals';
import { refusesBadIds } from '../support/vmVerb.ts';
import { idOf, parameters, World } from '../support/world.ts';

refusesBadIds('VM.getMeters');

test("has VM.getMemoryUsage's figures in MiB", async () => {
  const world = await World.open();
  const vmID = await world.boot();
  const usage = (await world.call('VM.getMemoryUsage', { vmID })) as Record<string, number>;
  const mib = (name: string) => (usage[name] ?? NaN) / 1024;
  expect(await world.call('VM.getMeters', { vmID })).toEqual({
    memory: 1024,
    'memory.available': mib('available_kib'),
    'memory.usage': mib('used_kib'),
    'memory.resident': mib('resident_kib'),
    'memory.swap.in': mib('swap_in_kib'),
    'memory.swap.out': mib('swap_out_kib'),
  });
});

test('is empty before the first sample', async () => {
  const world = await World.open();
  await world.call('VM.create', { vmID: idOf(1), vmParams: parameters() });
  await world.seconds(20);
  expect(await world.call('VM.getMeters', { vmID: idOf(1) })).toEqual({});
});
