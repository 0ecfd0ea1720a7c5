import { expect, test } from '@jest/globals';
import { userAlias } from '../../../src/domain-xml/build/alias.ts';

test.each([
  [{ alias: 'ua-a', deviceId: 'b' }, 'ua-a'],
  [{ alias: 'balloon0', deviceId: 'b' }, 'ua-b'],
  [{ deviceId: 'b c' }, undefined],
  [{ alias: '', deviceId: '' }, undefined],
  [{}, undefined],
])('of %j libvirt keeps the alias %s', (device, alias) => {
  expect(userAlias(device)).toBe(alias);
});
