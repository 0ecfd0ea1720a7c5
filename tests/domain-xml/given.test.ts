import { describe, expect, test } from '@jest/globals';
import { readGivenXml } from '../../src/domain-xml/given.ts';
import { DomainXmlError } from '../../src/domain-xml/types.ts';

describe("a client's document", () => {
  test('refuses more than 1 MiB, counted in bytes', () => {
    const size = 1024 * 1024;
    expect(readGivenXml(`<a>${'x'.repeat(size - 7)}</a>`).name).toBe('a');
    expect(() => readGivenXml(`<a>${'x'.repeat(size - 6)}</a>`)).toThrow('larger than 1 MiB');
    expect(() => readGivenXml(`<a>${'é'.repeat(size / 2)}</a>`)).toThrow('larger than 1 MiB');
  });

  test.each([
    ['a DOCTYPE', '<!DOCTYPE a [<!ENTITY b "c">]><a>&b;</a>', 'DOCTYPE'],
    [
      'a namespace that would be copied too often',
      `<a><b xmlns:n="${'x'.repeat(257)}"/></a>`,
      'xmlns:n is longer than 256 characters',
    ],
    ['text that is no XML', '{"a": 1}', 'not well-formed'],
  ])('is refused with %s', (_, xml, reason) => {
    expect(() => readGivenXml(xml)).toThrow(DomainXmlError);
    expect(() => readGivenXml(xml)).toThrow(reason);
  });
});
