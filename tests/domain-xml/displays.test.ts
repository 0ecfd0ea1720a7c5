import { expect, test } from '@jest/globals';
import { parseDomain } from '../../src/domain-xml/parse.ts';
import { domainXml } from './fixture.ts';

const displays = (graphics: string) => parseDomain(domainXml('', graphics)).displays;

test.each([
  [
    'VNC of a running domain',
    "<graphics type='vnc' port='5900' autoport='yes' listen='127.0.0.1'><listen type='address' address='127.0.0.1'/></graphics>",
    [{ type: 'vnc', port: 5900, address: '127.0.0.1' }],
  ],
  [
    'SPICE with two ports, whose address is only in <listen>',
    "<graphics type='spice' port='5901' tlsPort='5902'><listen type='network' network='ovirtmgmt' address='10.0.0.7'/></graphics>",
    [{ type: 'spice', port: 5901, tlsPort: 5902, address: '10.0.0.7' }],
  ],
  [
    'a domain that does not run',
    "<graphics type='vnc' port='-1' autoport='yes'><listen type='address'/></graphics>",
    [{ type: 'vnc' }],
  ],
  [
    'a display on a socket',
    "<graphics type='vnc'><listen type='socket' socket='/run/x'/></graphics>",
    [{ type: 'vnc' }],
  ],
  [
    'displays of other types beside it',
    "<graphics type='egl-headless'/><graphics type='vnc' port='5900'/><graphics type='dbus'/>",
    [{ type: 'vnc', port: 5900 }],
  ],
  ['no display', '', undefined],
])('the displays of %s', (_, graphics, expected) => {
  expect(displays(graphics)).toEqual(expected);
});
