import { describe, expect, test } from '@jest/globals';
import { virtioMemDevices } from '../../../src/domain-xml/build/virtioMemDevices.ts';
import { DomainXmlError } from '../../../src/domain-xml/types.ts';
import { validated, type Asked } from '../fixture.ts';

const built = (specParams: object, more: Asked = {}) =>
  virtioMemDevices(
    validated({
      devices: [{ type: 'memory', device: 'memory', model: 'virtio-mem', specParams }],
      ...more,
    }),
  );
const cells = [0, 1].map((nodeIndex) => ({ cpus: '', memory: 512, nodeIndex }));

describe('a virtio-mem device', () => {
  test('has by default blocks of 2 MiB, node 0 and a requested size of 0', () => {
    expect(built({ size: 512 })).toEqual([
      { model: 'virtio-mem', size: 524288, node: 0, virtioMem: { block: 2048, requested: 0 } },
    ]);
  });

  test('has the given values', () => {
    const specParams = { size: 512, block: 4, requested: 128, node: 1 };
    expect(built(specParams, { guestNumaNodes: cells })).toEqual([
      { model: 'virtio-mem', size: 524288, node: 1, virtioMem: { block: 4096, requested: 131072 } },
    ]);
  });

  test('has an alias only if libvirt keeps it', () => {
    const device = { type: 'memory', device: 'memory', model: 'virtio-mem', deviceId: 'd1' };
    expect(
      virtioMemDevices(validated({ devices: [{ ...device, specParams: { size: 2 } }] })),
    ).toEqual([expect.objectContaining({ alias: 'ua-d1' })]);
  });

  test('is built for no other type of device', () => {
    const devices = [
      { type: 'memory', device: 'memory', specParams: { size: 1024, node: 0 } },
      { type: 'balloon', device: 'memballoon', model: 'virtio-mem' },
    ];
    expect(virtioMemDevices(validated({ devices }))).toEqual([]);
    expect(virtioMemDevices({})).toEqual([]);
  });

  test.each([
    ['no size', {}, 'give specParams.size in MiB'],
    ['size 0', { size: 0 }, 'give specParams.size in MiB'],
    ['half a block', { size: 513 }, 'must be whole blocks of 2 MiB'],
    ['half a block requested', { size: 512, requested: 1 }, 'must be whole blocks of 2 MiB'],
    ['more requested than it has', { size: 512, requested: 514 }, 'requested is above its size'],
    ['blocks that are too small', { size: 512, block: 1 }, 'block is 1 MiB; give 2, 4, 8'],
    ['blocks that are no power of two', { size: 510, block: 6 }, 'block is 6 MiB; give 2, 4, 8'],
    ['a node that is not there', { size: 512, node: 1 }, 'on NUMA node 1, but the VM has 1'],
    ['a size beyond counting', { size: 2 ** 50 }, 'give whole MiB'],
  ])('is refused with %s', (_, specParams, reason) => {
    expect(() => built(specParams)).toThrow(DomainXmlError);
    expect(() => built(specParams)).toThrow(reason);
  });

  test('is refused without specParams', () => {
    const devices = [{ type: 'memory', device: 'memory', model: 'virtio-mem' }];
    expect(() => virtioMemDevices(validated({ devices }))).toThrow('give specParams.size');
  });
});
