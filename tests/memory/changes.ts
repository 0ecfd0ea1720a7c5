import fc from 'fast-check';
import type { ChangeState, MemoryChange, MemoryJob } from '../../src/memory/jobs.ts';
import { MemoryChange as contract } from '../../schema/memoryJob.ts';
import { Milliseconds } from '../../src/common/units.ts';
import { mib } from './domains.ts';

export const states: readonly ChangeState[] = contract.properties.state.enum;

/** A change of one device, an unplug of dimm0 that was asked for unless said otherwise. */
export const change = (facts: Partial<MemoryChange> = {}): MemoryChange => ({
  action: 'unplug',
  alias: 'dimm0',
  size: mib(128),
  state: 'requested',
  attempts: 1,
  ...facts,
});

export const job = (facts: Partial<MemoryJob> = {}): MemoryJob => ({
  id: 'a',
  action: 'unplug',
  flowId: 'flow',
  startedAt: Milliseconds(1),
  changes: [],
  ...facts,
});

/** Any change of one of three devices. */
export const changes = fc
  .record({
    action: fc.constantFrom('plug' as const, 'unplug' as const, 'resize' as const),
    alias: fc.constantFrom('dimm0', 'dimm1', 'dimm2'),
    state: fc.constantFrom(...states),
  })
  .map(change);
