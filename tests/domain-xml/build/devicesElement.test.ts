import { describe, expect, test } from '@jest/globals';
import { devicesElement } from '../../../src/domain-xml/build/devicesElement.ts';
import type { VmParameters } from '../../../src/domain-xml/build/parameters.ts';
import { element, find } from '../../../src/domain-xml/element.ts';
import { writeXml } from '../../../src/domain-xml/writeXml.ts';
import { Seconds } from '../../../src/common/units.ts';

const plain = {
  uuid: '6e2a1b0c-0000-4000-8000-000000000001',
  statsPeriod: Seconds(0),
  autodeflate: false,
  freePageReporting: false,
};
const all = { ...plain, statsPeriod: Seconds(21), autodeflate: true, freePageReporting: true };
const device = (parameters: VmParameters, name: string, options = plain) =>
  writeXml(find(devicesElement(parameters, options), name) ?? element('absent'));
const balloon = (more: object, options = all) =>
  device({ devices: [{ type: 'balloon', device: 'memballoon', ...more }] }, 'memballoon', options);

describe('the balloon', () => {
  test('exists by default, with statistics, autodeflate and page reporting as configured', () => {
    expect(device({}, 'memballoon')).toBe('<memballoon model="virtio"/>');
    expect(device({}, 'memballoon', all)).toBe(
      '<memballoon model="virtio" autodeflate="on" freePageReporting="on">\n  <stats period="21"/>\n</memballoon>',
    );
  });

  test('has no statistics for a period of 0 or less', () => {
    expect(device({}, 'memballoon', { ...plain, statsPeriod: Seconds(-5) })).not.toContain('stats');
  });

  test('has the given model, from either place', () => {
    expect(balloon({ model: 'none' })).toBe('<memballoon model="none"/>');
    expect(balloon({ specParams: { model: 'none' } })).toBe('<memballoon model="none"/>');
    expect(balloon({ specParams: {} })).toContain('model="virtio"');
    expect(balloon({ model: 'virtio-non-transitional' })).toContain('autodeflate="on"');
  });

  test('has no virtio features if its model is not virtio', () => {
    expect(balloon({ model: 'xen' })).toBe(
      '<memballoon model="xen">\n  <stats period="21"/>\n</memballoon>',
    );
  });

  test('has an alias only if libvirt keeps it', () => {
    expect(balloon({ alias: 'ua-b1', deviceId: 'b2' }, plain)).toContain('<alias name="ua-b1"/>');
    expect(balloon({ alias: 'balloon0', deviceId: 'b2' }, plain)).toContain(
      '<alias name="ua-b2"/>',
    );
    expect(balloon({ alias: 'balloon0', deviceId: 'b 2' }, plain)).not.toContain('alias');
  });

  test('is refused if given twice or with an unknown model', () => {
    const one = { type: 'balloon', device: 'memballoon' };
    expect(() => device({ devices: [one, one] }, 'memballoon')).toThrow('two balloons');
    expect(() => balloon({ model: 'helium' })).toThrow('"helium" is not known; use virtio');
  });
});

describe('the serial', () => {
  test('is a pty by default', () => {
    expect(device({}, 'serial')).toContain('type="pty"');
    expect(device({ serial: { type: 'file', path: '/a' } }, 'serial')).toContain('path="/a"');
    expect(device({ serial: { type: 'file', path: '/a' } }, 'console')).toContain('path="/a"');
  });

  test('requires an absolute path for a file', () => {
    expect(() => device({ serial: { type: 'file' } }, 'serial')).toThrow('must be absolute');
    expect(() => device({ serial: { type: 'file', path: 'a' } }, 'serial')).toThrow(
      'must be absolute',
    );
  });
});

test("the client's emulator takes precedence over the host's", () => {
  const options = { ...plain, emulator: '/usr/bin/kvm' };
  expect(device({}, 'emulator', options)).toBe('<emulator>/usr/bin/kvm</emulator>');
  expect(device({ emulator: '/opt/q' }, 'emulator', options)).toBe('<emulator>/opt/q</emulator>');
  expect(device({}, 'emulator')).toBe('<absent/>');
});
