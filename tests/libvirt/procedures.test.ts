import { expect, test } from '@jest/globals';
import { statsGroup } from '../../src/libvirt/constants.ts';
import { procedures } from '../../src/libvirt/procedures.ts';

const dom = { name: 'a', uuid: '00000000-0000-0000-0000-000000000001', id: 1 };

test('every procedure has its own name and number', () => {
  const numbers = Object.values(procedures).map(({ number }) => number);
  expect(Object.entries(procedures).filter(([key, { name }]) => key !== name)).toEqual([]);
  expect(new Set(numbers).size).toBe(numbers.length);
});

test('a call that waits for a guest claims its domain', () => {
  expect(procedures.domainMemoryStats.claim?.({ dom, maxStats: 64, flags: 0 })).toEqual([dom]);
  expect(procedures.domainCreateXml.claim?.({ xml: '', flags: 0 })).toEqual([]);
});

test('bulk statistics claim domains unless only the state is requested', () => {
  const doms = [dom];
  const { claim } = procedures.connectGetAllDomainStats;
  expect(claim?.({ doms, stats: statsGroup.state | statsGroup.balloon, flags: 0 })).toEqual(doms);
  expect(claim?.({ doms, stats: statsGroup.state, flags: 0 })).toBeUndefined();
});

test('destroy and calls without a guest claim nothing', () => {
  expect(procedures.domainDestroyFlags.claim?.({ dom, flags: 0 })).toBeUndefined();
  expect(procedures.domainGetInfo.claim?.({ dom })).toBeUndefined();
});
