import { describe, expect, test } from '@jest/globals';
import { cpuElement, vcpuElement } from '../../../src/domain-xml/build/cpu.ts';
import { memoryOf } from '../../../src/domain-xml/build/memorySizes.ts';
import { writeXml } from '../../../src/domain-xml/writeXml.ts';
import { validated, type Asked } from '../fixture.ts';

const cpu = (parameters: Asked, domainType = 'test') => {
  const all = validated({ memSize: 1024, ...parameters });
  const made = cpuElement(all, memoryOf(all), domainType);
  return made && writeXml(made).replace(/\n */g, '');
};
const nodes = (...guestNumaNodes: NonNullable<Asked['guestNumaNodes']>) => ({
  guestNumaNodes,
});

describe('the CPU', () => {
  test('is by default the best of the domain type', () => {
    expect(cpu({}, 'kvm')).toBe('<cpu mode="host-passthrough"/>');
    expect(cpu({}, 'qemu')).toBe('<cpu mode="maximum"/>');
    expect(cpu({}, 'test')).toBeUndefined();
  });

  test('is a mode or a model with features', () => {
    for (const cpuType of ['hostModel', 'host-model']) {
      expect(cpu({ cpuType })).toBe('<cpu mode="host-model"/>');
    }
    for (const cpuType of ['hostPassthrough', 'host-passthrough']) {
      expect(cpu({ cpuType })).toBe('<cpu mode="host-passthrough"/>');
    }
    expect(cpu({ cpuType: 'maximum' })).toBe('<cpu mode="maximum"/>');
    expect(cpu({ cpuType: 'host-model,+vmx-a' })).toBe(
      '<cpu mode="host-model"><feature policy="require" name="vmx-a"/></cpu>',
    );
    expect(cpu({ cpuType: 'Haswell,+a,-b,c' })).toBe(
      '<cpu mode="custom" match="exact"><model>Haswell</model><feature policy="require" name="a"/>' +
        '<feature policy="disable" name="b"/><feature policy="require" name="c"/></cpu>',
    );
    expect(() => cpu({ cpuType: 'a b' })).toThrow('cpuType "a b" is not known');
    expect(() => cpu({ cpuType: `A${',-a'.repeat(60)}!` })).toThrow('is not known');
    expect(() => cpu({ cpuType: '' })).toThrow('is not known');
  });

  test('has sockets for the maximum number of vCPUs', () => {
    expect(cpu({ smp: 2, maxVCpus: 12, smpCoresPerSocket: 3, smpThreadsPerCore: 2 })).toBe(
      '<cpu><topology sockets="2" cores="3" threads="2"/></cpu>',
    );
    expect(cpu({ smp: 2, smpThreadsPerCore: 2 })).toContain('sockets="1" cores="1" threads="2"');
    expect(() => cpu({ smp: 3, smpCoresPerSocket: 2 })).toThrow('cannot be distributed');
    expect(() => cpu({ smp: 8, smpCoresPerSocket: 3, smpThreadsPerCore: 2 })).toThrow(
      '8 vCPUs cannot be distributed over sockets of 6',
    );
  });
});

describe('NUMA cells', () => {
  test('one cell holds everything if memory can grow, otherwise there is none', () => {
    expect(cpu({ smp: 4, maxMemSize: 2048 })).toBe(
      '<cpu><numa><cell id="0" cpus="0-3" memory="1048576" unit="KiB"/></numa></cpu>',
    );
    expect(cpu({ smp: 4 })).toBeUndefined();
  });

  test('each node has one, in order, even without CPUs', () => {
    const parameters = nodes(
      { nodeIndex: 1, cpus: '', memory: 1 },
      { nodeIndex: 0, cpus: '0-3,5', memory: 1023 },
    );
    expect(cpu(parameters)).toBe(
      '<cpu><numa><cell id="0" cpus="0-3,5" memory="1047552" unit="KiB"/>' +
        '<cell id="1" memory="1024" unit="KiB"/></numa></cpu>',
    );
  });

  test.each(['12', '10-12', '0,12', '0,^12', '0-3,10-12', '0-11,^10-12'])(
    'a node has the CPUs %s as given',
    (cpus) => {
      const made = cpu(nodes({ nodeIndex: 0, cpus, memory: 1024 }));
      expect(made).toContain(`cpus="${cpus}"`);
    },
  );

  test.each(['x1', '1x', '1-', '-1', '0,', '0-a', '0,1-a', '^1'])(
    'a node with the CPUs "%s" is refused',
    (cpus) => {
      expect(() => cpu(nodes({ nodeIndex: 0, cpus, memory: 1024 }))).toThrow('are not a list');
    },
  );

  test.each([
    [
      'too little',
      nodes({ nodeIndex: 0, cpus: '0', memory: 1023 }),
      'hold 1023 MiB but memSize is 1024',
    ],
    ['a negative share', nodes({ nodeIndex: 0, cpus: '0', memory: -1 }), 'is -1; give whole MiB'],
    ['a gap', nodes({ nodeIndex: 1, cpus: '0', memory: 1024 }), 'without gaps'],
    [
      'an index twice',
      nodes({ nodeIndex: 0, cpus: '0', memory: 512 }, { nodeIndex: 0, cpus: '1', memory: 512 }),
      'without gaps',
    ],
    ['CPUs that are no list', nodes({ nodeIndex: 0, cpus: '0;1', memory: 1024 }), 'are not a list'],
  ])('nodes with %s are refused', (_, parameters, reason) => {
    expect(() => cpu(parameters)).toThrow(reason);
  });
});

test('vCPUs that are offline at start are counted separately', () => {
  expect(writeXml(vcpuElement({}))).toBe('<vcpu placement="static">1</vcpu>');
  expect(writeXml(vcpuElement({ smp: 2, maxVCpus: 8 }))).toBe(
    '<vcpu placement="static" current="2">8</vcpu>',
  );
  expect(() => vcpuElement({ smp: 2, maxVCpus: 1 })).toThrow('maxVCpus 1 is below smp 2');
});
