import { expect, test } from '@jest/globals';
import { statsGroup } from '../../src/libvirt/constants.ts';
import type { Codec } from '../../src/libvirt/codec.ts';
import { procedures } from '../../src/libvirt/procedures.ts';
import { XdrReader, XdrWriter } from '../../src/libvirt/xdr.ts';

const dom = { name: 'a', uuid: '00000000-0000-0000-0000-000000000001', id: 1 };

test('every procedure has its own name and number', () => {
  const numbers = Object.values(procedures).map(({ number }) => number);
  expect(Object.entries(procedures).filter(([key, { name }]) => key !== name)).toEqual([]);
  expect(new Set(numbers).size).toBe(numbers.length);
});

test('a call that waits for a guest claims its domain', () => {
  const args = { dom, maxStats: 64, flags: 0 };
  expect(procedures.domainMemoryStats.claim?.(args)).toEqual({ domains: [dom] });
  expect(procedures.domainCreateXml.claim?.({ xml: '', flags: 0 })).toEqual({ domains: [] });
});

test('bulk statistics claim domains unless only the state is requested', () => {
  const doms = [dom];
  const { claim } = procedures.connectGetAllDomainStats;
  const stats = statsGroup.state | statsGroup.balloon;
  expect(claim?.({ doms, stats, flags: 0 })).toEqual({ domains: doms, passesOver: false });
  expect(claim?.({ doms, stats, flags: 2 ** 29 })).toEqual({ domains: doms, passesOver: true });
  expect(claim?.({ doms, stats: statsGroup.state, flags: 0 })).toBeUndefined();
});

test('destroy and calls without a guest claim nothing', () => {
  expect(procedures.domainDestroyFlags.claim?.({ dom, flags: 0 })).toBeUndefined();
  expect(procedures.domainGetInfo.claim?.({ dom })).toBeUndefined();
});

test('only calls that end a QEMU may take long', () => {
  const slow = Object.values(procedures).filter(({ isSlow }) => isSlow);
  expect(slow.map(({ name }) => name)).toEqual(['domainUndefineFlags', 'domainDestroyFlags']);
});

const sent = <T>(codec: Codec<T>, value: T): void => {
  const writer = new XdrWriter();
  codec.write(writer, value);
  expect(codec.read(new XdrReader(writer.bytes))).toEqual(value);
};

test('arguments and results have all their members on the wire', () => {
  const parameters = [{ field: 'cpu_shares', type: 4, value: 5n }];
  const { domainSetSchedulerParametersFlags, domainGetCpuStats } = procedures;
  for (const name of [
    'domainGetInfo',
    'domainResume',
    'domainShutdown',
    'domainSuspend',
  ] as const) {
    sent(procedures[name].args, { dom });
  }
  sent(procedures.domainIsPersistent.args, { dom });
  sent(domainSetSchedulerParametersFlags.args, { dom, parameters, flags: 1 });
  sent(domainGetCpuStats.args, { dom, count: 1, startCpu: -1, cpus: 2, flags: 3 });
  sent(domainGetCpuStats.result, { parameters, count: 1 });
  sent(procedures.domainGetJobStats.result, { type: 1, parameters });
  const kind = { emulator: 'a', arch: 'b', machine: undefined, virtType: 'c', flags: 1 };
  sent(procedures.connectGetDomainCapabilities.args, kind);
});
