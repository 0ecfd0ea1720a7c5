import { expect, test } from '@jest/globals';
import { createOriginPolicy } from '../../../src/server/http/originPolicy.ts';

const originPolicy = createOriginPolicy({
  hosts: ['Host1.example.org'],
  origins: ['https://console.example.org'],
});

test.each([
  'localhost',
  'LOCALHOST:54321',
  '127.0.0.1:54321',
  '[::1]:54321',
  '[::1]',
  '192.0.2.7:54321',
  'host1.example.org:54321',
])('Host %s is allowed', (host) => expect(originPolicy.allowsHost(host)).toBe(true));

test.each([
  undefined,
  '',
  'evil.example',
  'localhost.evil.example',
  '127.0.0.1.evil.example:54321',
  'localhost:54321:1',
  'user@localhost',
  'localhost/..',
  '[localhost]',
  '::1',
])('Host %s is refused', (host) => expect(originPolicy.allowsHost(host)).toBe(false));

test('a name is allowed as long as isOwnName accepts it', () => {
  let own = 'kvm1.example.org';
  const named = createOriginPolicy({ isOwnName: (name) => name === own });
  expect(named.allowsHost('KVM1.example.org:54321')).toBe(true);
  own = 'kvm2.example.org';
  expect(named.allowsHost('kvm1.example.org:54321')).toBe(false);
});

test.each([
  [undefined, 'localhost:54321'],
  ['http://localhost:54321', 'localhost:54321'],
  ['https://Host1.example.org', 'host1.example.org'],
  ['https://console.example.org', 'localhost:54321'],
])('a page of %s may connect to %s', (origin, host) =>
  expect(originPolicy.allowsOrigin(origin, host)).toBe(true),
);

test.each([
  ['http://localhost:3000', 'localhost:54321'],
  ['http://evil.example', 'localhost:54321'],
  ['null', 'localhost:54321'],
  ['', 'localhost:54321'],
  ['http://', undefined],
  ['ftp://localhost:54321', 'localhost:54321'],
])('a page of "%s" may not connect to %s', (origin, host) =>
  expect(originPolicy.allowsOrigin(origin, host)).toBe(false),
);
