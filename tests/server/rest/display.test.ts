import { expect, test } from '@jest/globals';
import { displayOf } from '../../../src/server/rest/display.ts';
import { omitUndefined } from '../../../src/common/omitUndefined.ts';

type Info = Parameters<typeof displayOf>[0];

test.each<[Info, object]>([
  [undefined, { type: 'vnc' }],
  [[], { type: 'vnc' }],
  [
    [{ type: 'spice', ipAddress: '192.0.2.1', port: '5900', tlsPort: '5901' }],
    { type: 'spice', address: '192.0.2.1', port: 5900, secure_port: 5901 },
  ],
  [
    [{ type: 'vnc', ipAddress: '0', port: '-1', tlsPort: '-1' }, { type: 'spice' }],
    { type: 'vnc', address: '0' },
  ],
])('graphics %j are the display %j', (displayInfo, display) => {
  expect(omitUndefined({ ...displayOf(displayInfo) })).toEqual(display);
});
