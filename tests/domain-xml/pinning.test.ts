import { describe, expect, test } from '@jest/globals';
import { parseDomain } from '../../src/domain-xml/parse.ts';
import { domainXml } from './fixture.ts';

const withDevice = (device: string): string => domainXml('', device);
const withElement = (element: string): string => domainXml(element);

describe('a balloon frees nothing on the host', () => {
  test.each([
    ['huge pages', 'hugepages', withElement('<memoryBacking><hugepages/></memoryBacking>')],
    ['locked memory', 'locked', withElement('<memoryBacking><locked/></memoryBacking>')],
    ['encrypted memory', 'locked', withElement("<launchSecurity type='sev'/>")],
    [
      'an assigned PCI device',
      'assigned-device',
      withDevice("<hostdev mode='subsystem' type='pci'/>"),
    ],
    [
      'a mediated device',
      'assigned-device',
      withDevice("<hostdev mode='subsystem' type='mdev' model='vfio-pci'/>"),
    ],
    ['an assigned network card', 'assigned-device', withDevice("<interface type='hostdev'/>")],
    ['a vDPA network card', 'assigned-device', withDevice("<interface type='vdpa'/>")],
    ['an NVMe drive', 'assigned-device', withDevice("<disk type='nvme' device='disk'/>")],
  ])('with %s', (_, pinned, xml) => {
    expect(parseDomain(xml)).toMatchObject({ pinned });
  });
});

test.each([
  ['nothing of the kind', domainXml()],
  ['a USB device', withDevice("<hostdev mode='subsystem' type='usb'/>")],
  ['shared memory', withElement("<memoryBacking><source type='memfd'/></memoryBacking>")],
])('a balloon frees memory with %s', (_, xml) => {
  expect(parseDomain(xml)).not.toHaveProperty('pinned');
});

test.each([
  ['2048', 2048],
  [' 512 ', 512],
  ['0', undefined],
  ['many', undefined],
])('CPU shares of %j are %s', (text, shares) => {
  const xml = withElement(`<cputune><shares>${text}</shares></cputune>`);
  expect(parseDomain(xml).cpuShares).toBe(shares);
});
