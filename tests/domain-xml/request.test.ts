import { expect, test } from '@jest/globals';
import { requestXml } from '../../src/domain-xml/request.ts';
import { DomainXmlError } from '../../src/domain-xml/types.ts';
import { KiB } from '../../src/common/units.ts';
import { domainXml } from './fixture.ts';

const device = (alias: string, requested: string) => `<memory model="virtio-mem">
  <source>
    <pagesize unit="KiB">2048</pagesize>
  </source>
  <target>
    <size unit="KiB">524288</size>
    <node>0</node>
    <block unit="KiB">2048</block>${requested}
    <current unit="KiB">65536</current>
  </target>
  <alias name="${alias}"/>
  <address type="pci" domain="0x0000" bus="0x03" slot="0x00" function="0x0"/>
</memory>`;
const asking = (size: number) => `
    <requested unit="KiB">${size}</requested>`;
const domain = domainXml(
  '',
  '<memballoon model="virtio"/><memory model="dimm"><target><size>1024</size></target><alias name="dimm0"/></memory>' +
    device('virtiomem0', asking(0)) +
    device('virtiomem1', asking(65536)) +
    device('virtiomem2', ''),
);

test('changes the requested size of one device and nothing else', () => {
  expect(requestXml(domain, 'virtiomem1', KiB(131072))).toBe(device('virtiomem1', asking(131072)));
  expect(requestXml(domain, 'virtiomem0', KiB(2048))).toBe(device('virtiomem0', asking(2048)));
});

test("adds the requested size in libvirt's order if there was none", () => {
  expect(requestXml(domain, 'virtiomem2', KiB(4096))).toBe(device('virtiomem2', asking(4096)));
});

test.each(['virtiomem3', 'dimm0', ''])('refuses the alias "%s"', (alias) => {
  const ask = () => requestXml(domain, alias, KiB(0));
  expect(ask).toThrow(DomainXmlError);
  expect(ask).toThrow(`no virtio-mem device has the alias "${alias}"`);
});
