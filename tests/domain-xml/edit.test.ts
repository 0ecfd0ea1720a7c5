import { describe, expect, test } from '@jest/globals';
import {
  withMemory,
  withMetadata,
  withMinGuarantee,
  withNumaCell,
  withoutMinGuarantee,
  withPasswords,
  withStatsPeriod,
} from '../../src/domain-xml/edit.ts';
import { parseDomain } from '../../src/domain-xml/parse.ts';
import { readXml } from '../../src/domain-xml/readXml.ts';
import { writeXml } from '../../src/domain-xml/writeXml.ts';
import { KiB, MiB, Seconds } from '../../src/common/units.ts';
import { domainXml, fixture } from './fixture.ts';

const live = fixture('live.xml');
const engine = fixture('engine.xml');
const laidOut = (xml: string) => writeXml(readXml(xml));

describe('editing a domain', () => {
  test('several edits together give the recorded domain', () => {
    const metadata = { balloonTarget: KiB(700000), ownedUuid: 'another' };
    const edited = withMemory(withMetadata(withoutMinGuarantee(live), metadata), KiB(786432));
    expect(edited).toBe(fixture('live.edited.xml'));
  });

  test('a new size is what the domain starts with, as libvirt rounds all others at the start', () => {
    const odd = domainXml(
      "<cpu><numa><cell id='0' memory='1048577'/><cell id='1' memory='1048575'/></numa></cpu>",
      "<memory model='dimm'><target><size>131073</size><node>0</node></target></memory>",
    );
    const { memory, memoryDevices } = parseDomain(withMemory(odd, KiB(4_194_304)));
    expect([memory, memoryDevices[0]?.size]).toEqual([4_194_304, 133_120]);
  });

  test('edits revert each other and change nothing else', () => {
    expect(withoutMinGuarantee(withMinGuarantee(engine, KiB(524288)))).toBe(laidOut(engine));
    const grown = withMemory(withMemory(live, KiB(2000000)), KiB(1310720));
    expect(grown.replace('>1310720</currentMemory>', '>900000</currentMemory>')).toBe(
      laidOut(live),
    );
  });

  test('XML that is not a domain is refused', () => {
    expect(() => withoutMinGuarantee('<pool/>')).toThrow('give a <domain>');
  });
});

describe('the minimum guarantee', () => {
  test('is written in KiB, whatever the previous unit', () => {
    const xml = withMinGuarantee(live, KiB(1234));
    expect(xml).toContain('<min_guarantee unit="KiB">1234</min_guarantee>');
    expect(xml).toContain('<hard_limit unit="GiB">8</hard_limit>');
    expect(parseDomain(xml).minGuarantee).toBe(1234);
  });

  test('leaves no empty <memtune> behind, and keeps its other children', () => {
    expect(withoutMinGuarantee(withMinGuarantee(domainXml(), KiB(1)))).not.toContain('memtune');
    expect(withoutMinGuarantee(live)).toContain('hard_limit');
    expect(withoutMinGuarantee(live)).not.toContain('min_guarantee');
  });
});

describe('the statistics period', () => {
  const period = (balloon: string, seconds: number) =>
    parseDomain(withStatsPeriod(domainXml('', balloon), Seconds(seconds))).balloon?.statsPeriod;

  test('is added to a balloon without one', () => {
    expect(period('<memballoon model="virtio"><alias name="ua-1"/></memballoon>', 10)).toBe(10);
  });

  test('is not added if there is one, if the model is none, and for 0 or less', () => {
    expect(period('<memballoon model="virtio"><stats period="5"/></memballoon>', 10)).toBe(5);
    expect(period('<memballoon model="none"/>', 10)).toBeUndefined();
    expect(period('<memballoon model="virtio"/>', 0)).toBeUndefined();
    expect(period('<memballoon model="virtio"/>', -5)).toBeUndefined();
    expect(period('', 10)).toBeUndefined();
  });
});

describe('the NUMA cell', () => {
  const maximum = '<maxMemory slots="16" unit="MiB">4096</maxMemory>';

  test('has all vCPUs and the boot memory', () => {
    expect(withNumaCell(domainXml(`${maximum}<vcpu current="2">8</vcpu>`))).toContain(
      '<cell id="0" cpus="0-7" memory="1048576" unit="KiB"/>',
    );
    expect(withNumaCell(domainXml(maximum))).toContain('<cell id="0" cpus="0" ');
  });

  test('does not include memory devices, because libvirt adds them to the cells', () => {
    const dimm = '<memory model="dimm"><target><size>131072</size></target></memory>';
    expect(withNumaCell(domainXml(maximum, dimm.repeat(2)))).toContain(' memory="786432" ');
    const all = dimm.replace('131072', '1048576');
    expect(() => withNumaCell(domainXml(maximum, all))).toThrow(
      'the memory devices take all of <memory>',
    );
  });

  test('is added to an existing <cpu>, even with an empty <numa>', () => {
    const xml = withNumaCell(
      domainXml(`${maximum}<cpu match="exact"><model>Haswell</model><numa/></cpu>`),
    );
    expect(xml).toContain(
      '<cpu match="exact">\n    <model>Haswell</model>\n    <numa>\n      <cell',
    );
    expect(xml.match(/<numa>/g)).toHaveLength(1);
  });

  test('is not added without maximum memory, or beside others', () => {
    expect(withNumaCell(domainXml())).not.toContain('<cell');
    expect(withNumaCell(live)).toBe(laidOut(live));
  });

  test('is counted by the parser', () => {
    expect(parseDomain(withNumaCell(engine)).numaCells).toBe(1);
  });
});

describe('metadata in a domain', () => {
  test('are added with their namespace if there are none', () => {
    const xml = withMetadata(domainXml(), { memGuaranteedSize: MiB(512) });
    expect(xml).toContain('<ovirt-vm:vm xmlns:ovirt-vm="http://ovirt.org/vm/1.0">');
    expect(parseDomain(xml).metadata).toEqual({ memGuaranteedSize: 512 });
  });

  test('keep their prefix and all foreign elements', () => {
    const xml = withMetadata(engine, { memGuaranteedSize: MiB(700) });
    expect(xml).toContain(
      '<ovirt-vm:memGuaranteedSize type="int">700</ovirt-vm:memGuaranteedSize>',
    );
    expect(xml.replace(/\s*<ovirt-vm:memGuaranteedSize.*/, '')).toBe(laidOut(engine));
  });

  test('stay unchanged without changes', () => {
    expect(withMetadata(live, {})).toBe(laidOut(live));
  });
});

describe('the passwords of displays', () => {
  const displays = (...passwords: string[]) =>
    domainXml('', passwords.map((each) => `<graphics type="vnc" port="-1"${each}/>`).join(''));

  test('are copied from the revealed XML, each to its own display', () => {
    const revealed = displays('', ' passwd="hush &amp; hide"', ' passwd="2"');
    expect(withPasswords(displays('', '', ''), revealed)).toBe(laidOut(revealed));
  });

  test('stay unchanged if none are revealed', () => {
    const xml = displays('', ' passwd="own"');
    expect(withPasswords(xml, displays(''))).toBe(laidOut(xml));
    expect(withPasswords(domainXml(), displays(' passwd="1"'))).toBe(laidOut(domainXml()));
  });
});
