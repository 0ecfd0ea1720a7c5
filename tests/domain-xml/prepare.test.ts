import { describe, expect, test } from '@jest/globals';
import { withMetadata, withMinGuarantee } from '../../src/domain-xml/edit.ts';
import { domainOf, parseDomain, readDomain } from '../../src/domain-xml/parse.ts';
import { prepareDomain } from '../../src/domain-xml/prepare.ts';
import { DomainXmlError } from '../../src/domain-xml/types.ts';
import { writeXml } from '../../src/domain-xml/writeXml.ts';
import { KiB, MiB, Seconds } from '../../src/common/units.ts';
import { domainXml, fixture } from './fixture.ts';

const every10 = { statsPeriod: Seconds(10) };
const prepared = (xml: string, options = every10): string => {
  const root = readDomain(xml);
  prepareDomain(root, domainOf(root), options);
  return writeXml(root);
};

describe("preparing a client's domain", () => {
  test("adds the cell and the guarantee to an engine's domain, and keeps its period", () => {
    expect(prepared(fixture('engine.xml'), every10)).toBe(fixture('engine.prepared.xml'));
  });

  test('preparing twice gives the same as once', () => {
    const once = prepared(fixture('engine.xml'), every10);
    expect(prepared(once, every10)).toBe(once);
  });

  test('keeps an existing guarantee', () => {
    const xml = withMetadata(withMinGuarantee(domainXml(), KiB(1000)), {
      memGuaranteedSize: MiB(2),
    });
    expect(parseDomain(prepared(xml, every10)).minGuarantee).toBe(1000);
  });

  test.each([
    ['a minimum', withMinGuarantee(domainXml(), KiB(1048576 + 1024))],
    ['a promise', withMetadata(domainXml(), { minGuaranteedMemoryMb: MiB(1025) })],
  ])('guarantees all memory for %s that exceeds it by a MiB', (_, xml) => {
    expect(parseDomain(prepared(xml, every10)).minGuarantee).toBe(1048576);
  });

  test('adds no guarantee if the metadata have none', () => {
    expect(prepared(domainXml(), every10)).not.toContain('memtune');
  });

  test('adds the balloon that libvirt would add, with a period', () => {
    expect(parseDomain(prepared(domainXml(), every10)).balloon).toEqual({
      model: 'virtio',
      statsPeriod: 10,
    });
    expect(prepared(domainXml(), { statsPeriod: Seconds(0) })).not.toContain('memballoon');
    const other = domainXml().replace('type="qemu"', 'type="test"');
    expect(prepared(other, every10)).not.toContain('memballoon');
    const bare = domainXml().replace(/<devices>.*<\/devices>/, '');
    expect(prepared(bare, every10)).not.toContain('memballoon');
  });

  test.each([
    [
      'a guarantee above memory',
      withMinGuarantee(domainXml(), KiB(1048576 + 1025)),
      'above the memory',
    ],
    [
      'a promised guarantee above memory',
      withMetadata(domainXml(), { minGuaranteedMemoryMb: MiB(1026) }),
      'above the memory',
    ],
    [
      'a promise that is no number',
      fixture('engine.xml').replace('>512<', '>-512<'),
      'minGuaranteedMemoryMb is "-512"',
    ],
    ['two balloons', domainXml('', '<memballoon model="none"/>'.repeat(2)), 'two <memballoon>'],
  ])('refuses %s', (_, xml, reason) => {
    expect(() => prepared(xml, every10)).toThrow(DomainXmlError);
    expect(() => prepared(xml, every10)).toThrow(reason);
  });
});
