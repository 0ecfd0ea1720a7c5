import { describe, expect, test } from '@jest/globals';
import { memoryElements, memoryOf as checked } from '../../../src/domain-xml/build/memorySizes.ts';
import { DomainXmlError } from '../../../src/domain-xml/types.ts';
import { validated, type Asked } from '../fixture.ts';

const device = { type: 'memory', device: 'memory', model: 'virtio-mem' };
const virtioMem = (size: number) => ({ ...device, specParams: { size } });

const memoryOf = (parameters: Asked) => checked(validated(parameters));

describe('memory parameters', () => {
  test('a maximum without slots gets sixteen', () => {
    expect(memoryOf({ memSize: 1, maxMemSize: 2 }).maximum).toEqual({ size: 2048, slots: 16 });
  });

  test('a maximum equal to memory is omitted', () => {
    expect(memoryOf({ memSize: 1, maxMemSize: 1, maxMemSlots: 16 })).toEqual({
      boot: 1024,
      total: 1024,
    });
  });

  test('the guarantee may be all of the memory, rounded up', () => {
    expect(memoryOf({ memSize: 1, memGuaranteedSize: 1 }).guarantee).toBe(1024);
    expect(memoryOf({ memSize: 1, memGuaranteedSize: 2 }).guarantee).toBe(1024);
  });

  test('virtio-mem devices count in full, and need maximum memory and slots for all of them', () => {
    const parameters = { memSize: 1, maxMemSize: 7, maxMemSlots: 2 };
    const devices = [virtioMem(2), virtioMem(4)];
    const memory = memoryOf({ ...parameters, devices });
    expect(memory).toMatchObject({ boot: 1024, total: 7168, maximum: { size: 7168, slots: 2 } });
    expect(memoryElements(memory).map(({ children }) => children)).toEqual([
      ['7168'],
      ['7168'],
      ['7168'],
    ]);
  });

  test('a guarantee of 0 needs no <memtune>', () => {
    const memory = memoryOf({ memSize: 1, memGuaranteedSize: 0 });
    expect(memoryElements(memory).map(({ name }) => name)).toEqual(['memory', 'currentMemory']);
  });

  test.each([
    ['no size', {}, 'memSize is missing or 0'],
    ['size 0', { memSize: 0 }, 'memSize is missing or 0'],
    ['a negative size', { memSize: -1 }, 'memSize is -1'],
    ['a fractional size', { memSize: 1.5 }, 'memSize is 1.5'],
    ['a size beyond counting', { memSize: 2 ** 50 }, 'give whole MiB'],
    ['a maximum below the size', { memSize: 2, maxMemSize: 1 }, 'maxMemSize 1 is below memSize 2'],
    ['a guarantee above the size', { memSize: 1, memGuaranteedSize: 3 }, '3 is above memSize 1'],
    [
      'a size in KiB',
      { memSize: 1_048_576, maxMemSize: 4096 },
      'sizes are in MiB, 1048576 KiB are 1024',
    ],
    [
      'a guarantee in bytes',
      { memSize: 1024, memGuaranteedSize: 536_870_912 },
      'sizes are in MiB, 536870912 bytes are 512',
    ],
    ['a negative guarantee', { memSize: 1, memGuaranteedSize: -1 }, 'memGuaranteedSize is -1'],
    [
      'virtio-mem without a maximum',
      { memSize: 1, devices: [virtioMem(2)] },
      'make 3 MiB; give a maxMemSize of at least that',
    ],
    [
      'virtio-mem above the maximum',
      { memSize: 1, maxMemSize: 4, devices: [virtioMem(4)] },
      'make 5 MiB; give a maxMemSize',
    ],
    [
      'virtio-mem without a slot',
      { memSize: 1, maxMemSize: 8, maxMemSlots: 1, devices: [virtioMem(2), virtioMem(2)] },
      '2 virtio-mem devices need a slot each; raise maxMemSlots',
    ],
    ['no slots for a maximum', { memSize: 1, maxMemSize: 2, maxMemSlots: 0 }, 'raise maxMemSlots'],
  ])('%s is refused', (_, parameters, reason) => {
    expect(() => memoryOf(parameters)).toThrow(DomainXmlError);
    expect(() => memoryOf(parameters)).toThrow(reason);
  });
});
