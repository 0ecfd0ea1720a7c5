import { describe, expect, test } from '@jest/globals';
import { parseDomain } from '../../../src/domain-xml/parse.ts';
import { openHost, uuidOf } from './support.ts';

const domain = (os: string) =>
  `<domain type='kvm'><name>x</name><uuid>${uuidOf(1)}</uuid><memory>1048576</memory>${os}</domain>`;

describe('a domain', () => {
  test.each([
    ['without <os>', '', 'pc-i440fx-7.2'],
    ['without a machine type', "<os><type arch='x86_64'>hvm</type></os>", 'pc-i440fx-7.2'],
    ['of type pc', "<os><type machine='pc'>hvm</type></os>", 'pc-i440fx-7.2'],
    ['of type q35', "<os><type machine='q35'>hvm</type></os>", 'pc-q35-7.2'],
    ['of an older type', "<os><type machine='pc-q35-4.1'>hvm</type></os>", 'pc-q35-4.1'],
  ])('%s gets the machine type of libvirt', async (_, os, machine) => {
    const { host } = await openHost();
    await host.createDomain(domain(os), { paused: false });
    const { arch, machine: given } = parseDomain(await host.domainXml(uuidOf(1)));
    expect([arch, given]).toEqual(['x86_64', machine]);
  });

  test('of an unknown type is refused', async () => {
    const { host } = await openHost();
    const xml = domain("<os><type machine='pc-q35-99.0'>hvm</type></os>");
    await expect(host.createDomain(xml, { paused: false })).rejects.toMatchObject({
      kind: 'invalid',
      message: expect.stringContaining("does not support machine type 'pc-q35-99.0'"),
    });
  });
});

test('the host has a machine type by which an oVirt cluster accepts it', async () => {
  const { host } = await openHost();
  const { capabilitiesXml } = await host.node();
  for (const type of ['pc-q35-4.1', 'pc-q35-rhel8.6.0', 'pc-i440fx-rhel7.6.0', 'q35']) {
    expect(capabilitiesXml).toContain(`>${type}</machine>`);
  }
});
