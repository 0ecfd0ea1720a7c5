import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { parseDomain } from '../../src/domain-xml/parse.ts';
import { cpuLimitsInForce, editedQos } from '../../src/domain-xml/tuning.ts';
import { domainXml } from './fixture.ts';
import { assertProperty } from '../support/property.ts';

const TUNE = 'http://ovirt.org/vm/tune/1.0';
const tune = (inside: string) => parseDomain(domainXml(`<cputune>${inside}</cputune>`)).cpuTune;
const withQos = (qos: string, declarations = '') =>
  domainXml(`<metadata ${declarations}>${qos}</metadata>`);
const userLimit = (xml: string) => parseDomain(xml).cpuTune?.userLimit;

describe('the CPU limits of a domain', () => {
  test('are those that the hypervisor enforces', () => {
    expect(tune('<quota>50000</quota><period> 100000 </period>')).toEqual({
      quota: 50_000,
      period: 100_000,
    });
    expect(tune('<quota>-1</quota>')).toEqual({ quota: -1 });
  });

  test('are absent if there are none, or only others', () => {
    expect(parseDomain(domainXml()).cpuTune).toBeUndefined();
    expect(tune('<shares>1024</shares><emulator_quota>1000</emulator_quota>')).toBeUndefined();
  });

  test('omit a quota above any safe number, which older versions of libvirt accept', () => {
    expect(tune('<quota>18446744073709551</quota><period>1000</period>')).toEqual({ period: 1000 });
    expect(tune('<quota>17592186044415</quota>')).toEqual({ quota: 17_592_186_044_415 });
  });

  test.each(['', 'much', '1.5', '1e5', '0x10'])('must not be "%s"', (text) => {
    expect(() => tune(`<quota>${text}</quota>`)).toThrow(
      `<quota> is "${text}"; give whole microseconds`,
    );
  });
});

test('without quota and period those of the kernel are in force', () => {
  expect(cpuLimitsInForce({})).toEqual({ quota: -1, period: 100_000 });
  expect(cpuLimitsInForce({ cpuTune: { quota: 5, userLimit: 50 } })).toEqual({
    quota: 5,
    period: 100_000,
  });
  expect(cpuLimitsInForce({ cpuTune: { period: 7 } })).toEqual({ quota: -1, period: 7 });
});

test.each([
  ['1024', 1024],
  [' 2048 ', 2048],
  ['9999999', 9_999_999],
  ['0', undefined],
  ['10000000', undefined],
  ['-1024', undefined],
  ['1024k', undefined],
  ['', undefined],
])('CPU shares of "%s" are %j', (text, shares) => {
  const xml = domainXml(`<cputune><shares>${text}</shares></cputune>`);
  expect(parseDomain(xml).cpuShares).toBe(shares);
});

describe("the CPU share of a VM's policy", () => {
  test('is found with any prefix, and without one', () => {
    for (const xml of [
      withQos(`<qos xmlns="${TUNE}"><vcpuLimit>50</vcpuLimit></qos>`),
      withQos(`<x:qos><x:vcpuLimit> 50 </x:vcpuLimit></x:qos>`, `xmlns:x="${TUNE}"`),
    ]) {
      expect(userLimit(xml)).toBe(50);
    }
  });

  test.each(['', '0', '-5', '50%', '1000'])(
    'of "%s" is ignored, because MoM divides by it',
    (text) => {
      const xml = withQos(`<qos xmlns="${TUNE}"><vcpuLimit>${text}</vcpuLimit></qos>`);
      expect(userLimit(xml)).toBeUndefined();
    },
  );

  test('is not read from foreign elements', () => {
    expect(userLimit(withQos('<qos><vcpuLimit>50</vcpuLimit></qos>'))).toBeUndefined();
  });
});

describe('an edited share', () => {
  test('is a new element if there was none', () => {
    expect(editedQos(domainXml(), 50)).toBe('<qos>\n  <vcpuLimit>50</vcpuLimit>\n</qos>');
    expect(editedQos(domainXml('<metadata/>'), undefined)).toBe('<qos/>');
  });

  test('replaces the previous one, and can be removed', () => {
    const xml = withQos(`<t:qos xmlns:t="${TUNE}"><t:vcpuLimit>50</t:vcpuLimit></t:qos>`);
    expect(editedQos(xml, 75)).toBe('<qos>\n  <vcpuLimit>75</vcpuLimit>\n</qos>');
    expect(editedQos(xml, undefined)).toBe('<qos/>');
  });

  test('keeps all other content, at any depth, without undeclared prefixes', () => {
    const xml = withQos(
      `<t:qos xmlns:t="${TUNE}"><t:ioTune><t:device name="vda"><t:total>1</t:total></t:device></t:ioTune><t:vcpuLimit>50</t:vcpuLimit></t:qos>`,
    );
    expect(editedQos(xml, 60)).toBe(
      `<qos>
  <ioTune>
    <device name="vda">
      <total>1</total>
    </device>
  </ioTune>
  <vcpuLimit>60</vcpuLimit>
</qos>`,
    );
  });

  test('can be read back', () => {
    assertProperty(
      fc.property(fc.option(fc.integer({ min: 1, max: 100 }), { nil: undefined }), (limit) => {
        const qos = editedQos(domainXml(), limit).replace('<qos', `<qos xmlns="${TUNE}"`);
        expect(userLimit(withQos(qos))).toBe(limit);
      }),
    );
  });
});
