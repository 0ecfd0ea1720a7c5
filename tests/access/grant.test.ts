import { expect, test } from '@jest/globals';
import {
  type AccessSettings,
  dependsOnUser,
  grantCertificate,
  grantUser,
} from '../../src/access/grant.ts';
import { readRule, readUser, type Rule } from '../../src/access/rule.ts';

const rules = (...texts: readonly string[]): Rule[] =>
  texts.map((text) => readRule(text) ?? { kind: 'cn', pattern: `no rule: ${text}` });

const real = (settings: Partial<AccessSettings> = {}): AccessSettings => ({
  rules: { read: [], operate: [], admin: [] },
  certificate: 'admin',
  localUsers: [],
  local: 'admin',
  unixSocket: 'admin',
  unnamed: undefined,
  ownUid: 107,
  ...settings,
});

const engine = {
  cn: ['Engine.example.com'],
  ou: ['infra', 'kvm'],
  san: ['e1.example.com', '192.0.2.1'],
};
const alice = { uid: 1000, name: 'alice', groups: ['1000', 'alice', 'kvm'] };

test('any certificate of the CA may do everything by default', () => {
  expect(grantCertificate(engine, real())).toEqual({ access: 'admin' });
});

test.each([
  ['cn:engine.example.com', true],
  ['cn:engine.*', true],
  ['cn:*.example.com', true],
  ['cn:e*.*.com', true],
  ['cn:*', true],
  ['cn:engine', false],
  ['cn:engine.example.com.*', false],
  ['cn:engine.example.com*com', false],
  ['ou:kvm', true],
  ['ou:Infra', true],
  ['ou:infra,kvm', false],
  ['san:e1.example.com', true],
  ['san:192.0.2.*', true],
  ['san:engine.example.com', false],
  ['user:engine.example.com', false],
])('the rule %s names a certificate: %s', (rule, isNamed) => {
  const settings = real({
    certificate: 'none',
    rules: { read: rules(rule), operate: [], admin: [] },
  });
  expect('access' in grantCertificate(engine, settings)).toBe(isNamed);
});

test('a rule wins over the default, and of several rules the highest class counts', () => {
  const reads = rules('ou:infra');
  const few = real({ rules: { read: reads, operate: [], admin: [] } });
  expect(grantCertificate(engine, few)).toEqual({ access: 'read' });
  const more = real({ rules: { read: reads, operate: rules('cn:engine.*'), admin: [] } });
  expect(grantCertificate(engine, more)).toEqual({ access: 'operate' });
});

test('a certificate that nothing names is refused if the default is none', () => {
  expect(grantCertificate(engine, real({ certificate: 'none' }))).toEqual({
    refusal: expect.stringContaining('name it in [access] read, operate or admin'),
  });
});

test("root and vmemd's own user may do everything, whatever rules say", () => {
  const settings = real({ rules: { read: rules('user:root', 'user:*'), operate: [], admin: [] } });
  for (const uid of [0, 107]) {
    expect(grantUser({ uid, name: 'root', groups: [] }, settings)).toEqual({ access: 'admin' });
  }
});

test('another local user is refused, with the ways in', () => {
  expect(grantUser(alice, real())).toEqual({
    refusal:
      'The local user alice may not connect without a certificate: connect with TLS and a client certificate, or by the unix socket, or add the user to [rpc] local_users.',
  });
});

test('whom the kernel does not tell is refused, even if all certificates and users are named', () => {
  const all = rules('cn:*', 'user:alice', 'group:kvm');
  const settings = real({ rules: { read: all, operate: all, admin: all } });
  expect(grantUser(undefined, settings)).toEqual({
    refusal: expect.stringContaining('The kernel does not tell which local user connects'),
  });
});

test.each(['alice', '1000', '@kvm', '@1000'])('the local user %s may connect', (text) => {
  const user = readUser(text);
  const settings = real({ localUsers: user ? [user] : [], local: 'operate' });
  expect(grantUser(alice, settings)).toEqual({ access: 'operate' });
  expect(grantUser({ uid: 1001, name: 'bob', groups: ['1001'] }, settings)).toHaveProperty(
    'refusal',
  );
});

test('a user or group with a class may connect, and has it', () => {
  const settings = real({
    rules: { read: rules('group:kvm'), operate: [], admin: rules('user:bob') },
  });
  expect(grantUser(alice, settings)).toEqual({ access: 'read' });
  expect(grantUser({ ...alice, name: 'bob' }, settings)).toEqual({ access: 'admin' });
});

test('on a host without real VMs every local user may do everything that no rule limits', () => {
  const open = real({ unnamed: 'admin' });
  expect(grantUser(undefined, open)).toEqual({ access: 'admin' });
  expect(dependsOnUser(open)).toBe(false);
  const limited = real({
    unnamed: 'admin',
    rules: { read: rules('user:alice'), operate: [], admin: [] },
  });
  expect(dependsOnUser(limited)).toBe(true);
  expect(grantUser(alice, limited)).toEqual({ access: 'read' });
});

test.each(['', 'alice', 'cn:', 'cn: ', 'uid:1', 'CN', ':x'])('%j is no rule', (text) => {
  expect(readRule(text)).toBeUndefined();
});

test.each(['', '@', 'a b', 'user:alice', '*', '-x'])('%j is no user', (text) => {
  expect(readUser(text)).toBeUndefined();
});
