import { expect, test } from '@jest/globals';
import { alternativeNames, certificateNames } from '../../../src/server/peer/certificateNames.ts';

test.each([
  ['', []],
  ['DNS:one.example', ['one.example']],
  [
    'DNS:one.example, IP Address:192.0.2.1, email:a@b.example',
    ['one.example', '192.0.2.1', 'a@b.example'],
  ],
  ['URI:spiffe://x/y, DNS:two.example', ['spiffe://x/y', 'two.example']],
  ['DNS:"a.example, DNS:admin.example"', ['a.example, DNS:admin.example']],
  ['othername:1.2.3::x, DNS:one.example', ['one.example']],
  ['Registered ID:1.2.3, DNS:one.example', ['one.example']],
  ['DNS:a"b', []],
  ['nonsense', []],
])('the alternative names %j are %j', (text, names) => {
  expect(alternativeNames(text)).toEqual(names);
});

test('a part of the subject may occur several times, and no certificate has no names', () => {
  const shown = { subject: { CN: 'one', OU: ['a', 'b'] } };
  expect(certificateNames({ getPeerCertificate: () => shown as never })).toEqual({
    cn: ['one'],
    ou: ['a', 'b'],
    san: [],
  });
  expect(certificateNames({ getPeerCertificate: () => ({}) as never })).toEqual({
    cn: [],
    ou: [],
    san: [],
  });
});
