import { describe, expect, test } from '@jest/globals';
import {
  checkMetadata,
  dropCopied,
  editedMetadata,
  guaranteeOf,
  readMetadata,
} from '../../src/domain-xml/metadata.ts';
import { readXml } from '../../src/domain-xml/readXml.ts';
import { writeXml } from '../../src/domain-xml/writeXml.ts';
import { KiB, MiB } from '../../src/common/units.ts';
import { domainXml, fixture } from './fixture.ts';

const OVIRT = 'http://ovirt.org/vm/1.0';
const inMetadata = (vm: string, declarations = '') =>
  domainXml(`<metadata ${declarations}>${vm}</metadata>`);

describe('reading metadata', () => {
  test('finds them with any prefix, and without one', () => {
    const expected = { memGuaranteedSize: 7 };
    const key = 'memGuaranteedSize';
    expect(readMetadata(inMetadata(`<vm xmlns="${OVIRT}"><${key}>7</${key}></vm>`))).toEqual(
      expected,
    );
    expect(
      readMetadata(inMetadata(`<x:vm><x:${key}>7</x:${key}></x:vm>`, `xmlns:x="${OVIRT}"`)),
    ).toEqual(expected);
    expect(readMetadata(inMetadata(`<y:vm xmlns:y="${OVIRT}"><${key}>7</${key}></y:vm>`))).toEqual(
      expected,
    );
  });

  test('ignores elements of another namespace', () => {
    expect(readMetadata(domainXml())).toBeUndefined();
    expect(
      readMetadata(inMetadata('<vm><memGuaranteedSize>7</memGuaranteedSize></vm>')),
    ).toBeUndefined();
    expect(
      readMetadata(inMetadata('<ovirt-vm:vm/>', 'xmlns:ovirt-vm="http://example.org/"')),
    ).toBeUndefined();
  });

  test("reads booleans in VDSM's forms", () => {
    const flag = (text: string) =>
      readMetadata(inMetadata(`<vm xmlns="${OVIRT}"><launchPaused>${text}</launchPaused></vm>`))
        ?.launchPaused;
    expect(['true', 'True', '1', 'yes', ' true '].map(flag)).toEqual(Array(5).fill(true));
    expect(['false', 'False', '0', 'no'].map(flag)).toEqual(Array(4).fill(false));
    expect(['yes!', '!yes', 'nono', 'ano', '10', '01', ''].map(flag)).toEqual(
      Array(7).fill(undefined),
    );
  });

  test.each(['', '-1', '1.5', '1 MiB', 'much', '9007199254740992'])(
    'an amount of "%s" is absent',
    (text) => {
      const xml = inMetadata(`<vm xmlns="${OVIRT}"><balloonTarget>${text}</balloonTarget></vm>`);
      expect(readMetadata(xml)).toEqual({});
      expect(() => {
        checkMetadata(readXml(xml));
      }).toThrow('balloonTarget is');
    },
  );

  test('an invalid boolean is absent, and refused by the check', () => {
    const xml = inMetadata(`<vm xmlns="${OVIRT}"><launchPaused>maybe</launchPaused></vm>`);
    expect(readMetadata(xml)).toEqual({});
    expect(() => {
      checkMetadata(readXml(xml));
    }).toThrow('launchPaused is "maybe"; give true or false');
  });

  test('the guarantee set last takes precedence over the one at creation', () => {
    expect(guaranteeOf({ minGuaranteedMemoryMb: MiB(1), memGuaranteedSize: MiB(2) })).toBe(2);
    expect(guaranteeOf({ minGuaranteedMemoryMb: MiB(1), memGuaranteedSize: MiB(0) })).toBe(0);
    expect(guaranteeOf({ minGuaranteedMemoryMb: MiB(1) })).toBe(1);
    expect(guaranteeOf({ minGuaranteedMemoryMb: MiB(0) })).toBeUndefined();
    expect(guaranteeOf(undefined)).toBeUndefined();
  });
});

describe('the metadata of a copied domain', () => {
  const UUID = '6e2a1b0c-0000-4000-8000-000000000001';
  const OTHER = '6e2a1b0c-0000-4000-8000-000000000002';
  const kept =
    '<balloonTarget>1</balloonTarget><balloonTargetMemory>2</balloonTargetMemory>' +
    '<balloonStory>{}</balloonStory><memoryJobs>x</memoryJobs><memoryJobs>y</memoryJobs>';
  const own = '<memStatsPeriod>5</memStatsPeriod><a>b</a>';
  const after = (entries: string) => {
    const domain = readXml(inMetadata(`<vm xmlns="${OVIRT}">${entries}</vm>`));
    dropCopied(domain, UUID);
    const { vm } = /<vm[^>]*>(?<vm>.*)<\/vm>/s.exec(writeXml(domain))?.groups ?? {};
    return vm?.replace(/\s/g, '') ?? '';
  };

  test.each(['keptFor', 'ownedUuid'])('lose what was kept for another one, by %s', (key) => {
    const rest = key === 'ownedUuid' ? `<ownedUuid>${OTHER}</ownedUuid>` : '';
    expect(after(`${kept}<${key}>${OTHER}</${key}>${own}`)).toBe(`${rest}${own}`);
  });

  test('lose nothing if they were kept for this one, nor if nobody says for which', () => {
    for (const entries of [
      `${kept}<keptFor>\n${UUID}\n</keptFor><memGuaranteedSize>0</memGuaranteedSize>${own}`,
      `${kept}<ownedUuid>${UUID}</ownedUuid>${own}`,
      `${kept}<keptFor>${UUID}</keptFor><ownedUuid>${OTHER}</ownedUuid>`,
      `${kept}${own}`,
    ]) {
      expect(after(entries)).toBe(entries.replace(/\s/g, ''));
    }
  });

  test('lose a guarantee of 0, which means none, and keep any other one', () => {
    expect(after(`<memGuaranteedSize> 0 </memGuaranteedSize>${own}`)).toBe(own);
    const promised = `<memGuaranteedSize>7</memGuaranteedSize><ownedUuid>${OTHER}</ownedUuid>`;
    expect(after(promised)).toBe(promised);
  });

  test('need not exist', () => {
    for (const xml of [domainXml(), domainXml('<metadata/>')]) {
      const domain = readXml(xml);
      const before = writeXml(domain);
      dropCopied(domain, UUID);
      expect(writeXml(domain)).toBe(before);
    }
  });
});

describe('edited metadata', () => {
  test('are the whole element without prefix, with all other content', () => {
    const changes = { balloonTarget: KiB(700000), ownedUuid: 'another' };
    expect(editedMetadata(readXml(fixture('live.xml')), changes)).toBe(
      fixture('live.metadata.xml'),
    );
  });

  test("have oVirt's types", () => {
    const all = {
      minGuaranteedMemoryMb: MiB(1),
      memGuaranteedSize: MiB(2),
      balloonTarget: KiB(3),
      memoryJobs: '[{"id":1}]',
      ballooningEnabled: false,
      launchPaused: true,
      ownedUuid: 'another',
    };
    expect(editedMetadata(readXml(domainXml()), all)).toBe(
      `<vm>
  <minGuaranteedMemoryMb type="int">1</minGuaranteedMemoryMb>
  <memGuaranteedSize type="int">2</memGuaranteedSize>
  <balloonTarget type="int">3</balloonTarget>
  <memoryJobs type="str">[{"id":1}]</memoryJobs>
  <ballooningEnabled>false</ballooningEnabled>
  <launchPaused>true</launchPaused>
  <ownedUuid>another</ownedUuid>
</vm>`,
    );
  });

  test('correct a wrong type', () => {
    const xml = inMetadata(
      `<vm xmlns="${OVIRT}"><balloonTarget type="str">1</balloonTarget><ballooningEnabled type="bool">true</ballooningEnabled></vm>`,
    );
    expect(editedMetadata(readXml(xml), { balloonTarget: KiB(2), ballooningEnabled: true })).toBe(
      '<vm>\n  <balloonTarget type="int">2</balloonTarget>\n  <ballooningEnabled>true</ballooningEnabled>\n</vm>',
    );
  });

  test('use the nearest declaration of each prefix', () => {
    const many = Array.from(
      { length: 2000 },
      (_, n) => `xmlns:n${String(n)}="${OVIRT}/${String(n)}"`,
    );
    const theirs = '<vm xmlns="http://example.org/"/>'.repeat(2000);
    const ours = `<n0:vm xmlns:n0="${OVIRT}"><n1:x/></n0:vm>`;
    expect(editedMetadata(readXml(inMetadata(theirs + ours, many.join(' '))), {})).toBe(
      `<vm>\n  <n1:x xmlns:n1="${OVIRT}/1"/>\n</vm>`,
    );
  });

  test.each(['x:', ':x', 'x:y:z'])('keep an element named %s, which has no prefix', (name) => {
    const vm = `<vm xmlns="${OVIRT}" xmlns:x="urn:x"><${name}>1</${name}></vm>`;
    const edited = editedMetadata(readXml(inMetadata(vm)), {});
    expect(edited).toContain(`<${name}>1</${name}>`);
  });

  test('declare the namespaces of foreign elements', () => {
    const xml = inMetadata(
      `<o:vm o:a="1" n:b="2"><n:c><o:d/><x/></n:c><e xmlns="http://example.org/e"><f/></e></o:vm>`,
      `xmlns:o="${OVIRT}" xmlns:n="http://example.org/n"`,
    );
    expect(editedMetadata(readXml(xml), {})).toBe(
      `<vm a="1" n:b="2" xmlns:n="http://example.org/n">
  <n:c xmlns:n="http://example.org/n" xmlns:o="${OVIRT}">
    <o:d/>
    <x/>
  </n:c>
  <e xmlns="http://example.org/e">
    <f/>
  </e>
</vm>`,
    );
  });
});
