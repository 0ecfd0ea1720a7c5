import { expect, test } from '@jest/globals';
import { openGuest } from '../support/memoryGuest.ts';
import { refusesBadIds } from '../support/vmVerb.ts';

refusesBadIds('VM.setNextRun', { memory: 1024 });

test('memory and guarantee are those of the next run, and this run keeps its own', async () => {
  const { ask, guaranteed } = await openGuest();
  expect(await ask('setNextRun', { memory: 1400, guaranteed: 900 })).toEqual({
    memory_mib: 1400,
    guaranteed_mib: 900,
  });
  expect(await ask('getNextRun')).toMatchObject({ memory_mib: 1400, guaranteed_mib: 900 });
  expect(await guaranteed()).toBe(512);
  expect(await ask('getMemoryUsage')).toMatchObject({ memory_kib: 1024 * 1024 });
});

test('accepts decimal text, as vdsm-client sends it', async () => {
  const { ask } = await openGuest();
  expect(await ask('setNextRun', { memory: '1400' })).toMatchObject({ memory_mib: 1400 });
});

test('the same size again writes nothing', async () => {
  const { ask, world } = await openGuest();
  await ask('setNextRun', { memory: 1400, guaranteed: 900 });
  world.calls.length = 0;
  await ask('setNextRun', { memory: 1400, guaranteed: 900 });
  expect(world.calls).not.toContain('setNextRunXml');
});

test('a later change of this run leaves a next run that was set otherwise', async () => {
  const { ask } = await openGuest();
  await ask('setNextRun', { memory: 1400 });
  expect(await ask('setMemory', { memory: 1280 })).toMatchObject({ next_run: 'kept' });
  expect(await ask('getNextRun')).toMatchObject({ memory_mib: 1400 });
});

test.each([
  [{}, 'give memory or guaranteed'],
  [{ memory: 400 }, '512 MiB cannot be guaranteed to a VM of 400 MiB; give guaranteed too'],
  [{ guaranteed: 1026 }, '1026 MiB cannot be guaranteed to a VM of 1024 MiB; give less'],
  [{ memory: 8192 }, 'above <maxMemory>'],
])('%j is refused and changes nothing', async (size, reason) => {
  const { ask } = await openGuest();
  await expect(ask('setNextRun', size)).rejects.toMatchObject({
    code: 91,
    message: expect.stringContaining(reason),
  });
  expect(await ask('getNextRun')).toMatchObject({ differs: false });
});
