import { expect, test } from '@jest/globals';
import { merge } from '../../web/connection/merge.ts';
import { vmWith } from './vms.ts';

const answer = { access: 'read', time: '', host: {} as never, gone: [] } as const;

test('an answer with changes keeps the other VMs, and when each was seen', () => {
  const [a, b, c] = ['a', 'b', 'c'].map((id) => vmWith({ id }));
  const first = merge(
    undefined,
    { ...answer, revision: '1', complete: true, vms: [a, b, c] as never },
    1000,
  );
  const moved = vmWith({ id: 'b', name: 'moved' });
  const next = merge(
    first,
    { ...answer, revision: '2', complete: false, vms: [moved], gone: ['c'] },
    2000,
  );
  expect([...next.vms]).toEqual([
    ['a', { vm: a, at: 1000 }],
    ['b', { vm: moved, at: 2000 }],
  ]);
  expect(next).toMatchObject({ revision: '2', at: 2000 });
});

test('a complete answer, as after a restart of vmemd, forgets what it does not have', () => {
  const before = merge(
    undefined,
    { ...answer, revision: '1', complete: true, vms: [vmWith({ id: 'a' })] },
    1,
  );
  const next = merge(before, { ...answer, revision: 'x', complete: true, vms: [] }, 2);
  expect(next.vms.size).toBe(0);
});
