import { expect, test } from '@jest/globals';
import { openGuest } from '../support/memoryGuest.ts';
import { refusesBadIds } from '../support/vmVerb.ts';

refusesBadIds('VM.getNextRun');

test('a VM as it was created starts again with the same sizes', async () => {
  const { ask } = await openGuest();
  expect(await ask('getNextRun')).toEqual({
    memory_mib: 1024,
    guaranteed_mib: 512,
    max_memory_mib: 4096,
    differs: false,
  });
});

test('a size set for the next run differs from this run', async () => {
  const { ask } = await openGuest();
  await ask('setNextRun', { memory: 2048 });
  expect(await ask('getNextRun')).toMatchObject({ memory_mib: 2048, differs: true });
});

test('a guarantee set for the next run differs from this run', async () => {
  const { ask } = await openGuest();
  await ask('setNextRun', { guaranteed: 600 });
  expect(await ask('getNextRun')).toMatchObject({ guaranteed_mib: 600, differs: true });
});

test('a guarantee set for this run and the next ones is the same in both', async () => {
  const { ask } = await openGuest();
  await ask('setGuaranteedMemory', { guaranteed: 700 });
  expect(await ask('getNextRun')).toMatchObject({ guaranteed_mib: 700, differs: false });
});
