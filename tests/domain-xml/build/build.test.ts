import { readdirSync } from 'node:fs';
import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { buildDomain } from '../../../src/domain-xml/build/build.ts';
import type { BuildOptions, VmParameters } from '../../../src/domain-xml/build/parameters.ts';
import { elementsOf, type Element } from '../../../src/domain-xml/element.ts';
import { domainOf, parseDomain } from '../../../src/domain-xml/parse.ts';
import { readXml } from '../../../src/domain-xml/readXml.ts';
import { DomainXmlError } from '../../../src/domain-xml/types.ts';
import { writeXml } from '../../../src/domain-xml/writeXml.ts';
import { Seconds } from '../../../src/common/units.ts';
import { validated, described, fixture, type Asked } from '../fixture.ts';
import { assertProperty } from '../../support/property.ts';

const options: BuildOptions = {
  uuid: '6e2a1b0c-0000-4000-8000-000000000001',
  statsPeriod: Seconds(10),
  autodeflate: true,
  freePageReporting: true,
};
const build = (parameters: Asked, more: Partial<BuildOptions> = {}) =>
  writeXml(
    buildDomain(validated({ vmName: 'vm', memSize: 1024, ...parameters }), { ...options, ...more }),
  );

const folder = new URL('../../../fixtures/domain-xml/build/', import.meta.url);
const cases = readdirSync(folder).flatMap((name) => /^(.*)\.json$/.exec(name)?.slice(1) ?? []);

describe('building a domain', () => {
  test.each(cases)('from parameters gives the recorded XML: %s', (name) => {
    const given = described(`build/${name}.json`) as {
      parameters: VmParameters;
      options: BuildOptions;
    };
    expect(writeXml(buildDomain(given.parameters, given.options))).toBe(
      fixture(`build/${name}.xml`),
    );
  });

  test('sizes in MiB become KiB, and the guarantee is also in the metadata', () => {
    const sizes = { memSize: 1024, memGuaranteedSize: 512, maxMemSize: 4096, maxMemSlots: 16 };
    expect(parseDomain(build(sizes))).toMatchObject({
      memory: 1048576,
      currentMemory: 1048576,
      maxMemory: { size: 4194304, slots: 16 },
      minGuarantee: 524288,
      numaCells: 1,
      metadata: { minGuaranteedMemoryMb: 512, ballooningEnabled: true },
    });
  });

  test('a VM without a name is named by its UUID', () => {
    expect(domainOf(buildDomain(validated({ memSize: 1 }), options)).name).toBe(options.uuid);
  });

  test.each([
    [{}, {}, 'kvm'],
    [{}, { domainType: 'qemu' }, 'qemu'],
    [{ vmType: 'kvm' }, { domainType: 'test' }, 'test'],
    [{ vmType: 'qemu' }, { domainType: 'kvm' }, 'qemu'],
    [{ vmType: 'test' }, {}, 'test'],
    [{ kvmEnable: false }, { domainType: 'kvm' }, 'qemu'],
    [{ kvmEnable: true }, { domainType: 'qemu' }, 'qemu'],
  ] as const)('%j with %j is of type %s', (parameters, more, type) => {
    expect(parseDomain(build(parameters, more)).type).toBe(type);
  });

  test("the client's architecture takes precedence over the host's", () => {
    expect(parseDomain(build({ arch: 's390x' }, { arch: 'aarch64' }))).toMatchObject({
      arch: 's390x',
      machine: 's390-ccw-virtio',
    });
    expect(build({ arch: 'aarch64' })).not.toContain('<acpi/>');
  });

  test.each([
    ['a bad UUID', {}, { uuid: 'none' }, '"none" is not a UUID'],
    ['an empty name', { vmName: '' }, {}, 'name is empty'],
    ['a name with a control character', { vmName: 'a\x07' }, {}, 'control character'],
    ['kernel arguments with NUL', { kernel: '/k', kernelArgs: 'a\0b' }, {}, 'U+0000'],
    ['a custom property that is no name', { custom: { 'a b': 1 } }, {}, '"a b" cannot name'],
  ])('refuses %s', (_, parameters, more, reason) => {
    expect(() => build(parameters, more)).toThrow(DomainXmlError);
    expect(() => build(parameters, more)).toThrow(reason);
  });

  test('a built domain parses to the requested values', () => {
    const size = fc.integer({ min: 1, max: 2 ** 20 });
    assertProperty(
      fc.property(size, size, size, fc.integer({ min: 1, max: 64 }), (memSize, more, less, smp) => {
        const memGuaranteedSize = Math.min(memSize, less);
        const maxMemSize = memSize + more;
        const xml = build({ memSize, maxMemSize, memGuaranteedSize, smp });
        expect(parseDomain(xml)).toMatchObject({
          uuid: options.uuid,
          memory: memSize * 1024,
          maxMemory: { size: maxMemSize * 1024, slots: 16 },
          minGuarantee: memGuaranteedSize * 1024,
          vcpus: smp,
          balloon: { model: 'virtio', statsPeriod: 10 },
          metadata: { minGuaranteedMemoryMb: memGuaranteedSize },
        });
      }),
      { seconds: 3 },
    );
  });

  test('hostile text in any parameter never changes the structure', () => {
    const shape = (parent: Element): unknown => [
      parent.name,
      [...parent.attributes.keys()],
      elementsOf(parent).map(shape),
    ];
    const everywhere = (text: string): Asked => ({
      vmName: `n${text}`,
      arch: `x${text}`,
      emulatedMachine: text,
      kernel: `/${text}`,
      initrd: `/${text}`,
      kernelArgs: text,
      emulator: `/${text}`,
      serial: { type: 'file', path: `/${text}` },
      disks: [{ path: `/${text}` }],
      custom: { property: text },
    });
    const expected = shape(readXml(build(everywhere('plain'))));
    const pieces = fc.constantFrom(
      '<a/>',
      '</name>',
      '"',
      "'",
      '&',
      '&lt;',
      ']]>',
      '<!--',
      '-->',
      '\n',
      '\0',
      '..',
    );
    const hostile = fc
      .array(fc.oneof(pieces, fc.string({ unit: 'binary' })))
      .map((p) => p.join(''));
    assertProperty(
      fc.property(hostile, fc.constantFrom(...Object.keys(everywhere(''))), (text, key) => {
        const parameters = { ...everywhere('plain'), [key]: everywhere(text)[key as keyof Asked] };
        try {
          expect(shape(readXml(build(parameters)))).toEqual(expected);
        } catch (error) {
          expect(error).toBeInstanceOf(DomainXmlError);
        }
      }),
      { seconds: 3 },
    );
  });
});
