import { expect, test } from '@jest/globals';
import type { AuditEntry } from '../../web/connection/methods.ts';
import { changedSizes } from '../../web/model/audit.ts';
import { GIB } from './vms.ts';

const entry: AuditEntry = {
  time: '2026-11-30T00:00:00Z',
  verb: 'VM.setMemory',
  flow_id: 'f',
  outcome: 'done',
  summary: 'done',
  code: 0,
  address: '127.0.0.1',
};

test('an entry has the sizes that have changed, and no others', () => {
  const before = { memory_kib: 2 * GIB, balloon_target_kib: 2 * GIB };
  const after = { memory_kib: 3 * GIB, balloon_target_kib: 2 * GIB, guaranteed_kib: GIB };
  expect(changedSizes({ ...entry, before, after })).toEqual([
    'memory 2.00 GiB → 3.00 GiB',
    'guaranteed 1.00 GiB',
  ]);
  expect(changedSizes(entry)).toEqual([]);
});
