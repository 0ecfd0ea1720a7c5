import { execFileSync } from 'node:child_process';
import { mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, expect, test } from '@jest/globals';
import { readCredentials } from '../../../src/server/tls/credentials.ts';
import { CA, Certificates, LEAF } from '../../support/certificates.ts';
import { needs } from '../../support/needs.ts';

const KEY = 'keys/vdsmkey.pem';
const CERT = 'certs/vdsmcert.pem';
const TRUSTED = 'certs/cacert.pem';

needs('openssl')('credentials', () => {
  let pki: Certificates;

  beforeAll(() => {
    pki = new Certificates();
    pki.make('root', { extensions: CA });
    pki.make('other', { extensions: CA });
    pki.make('middle', { issuer: 'root', extensions: CA });
    pki.make('host', { issuer: 'root' });
    pki.make('deep', { issuer: 'middle' });
  });
  afterAll(() => pki.remove());
  beforeEach(() => pki.use('host', ['host'], ['root']));

  const failure = async (): Promise<string> => {
    try {
      await readCredentials(pki.folder);
      return 'none';
    } catch (error) {
      return (error as Error).message.replace(pki.folder, 'DIR');
    }
  };

  test.each([
    ['RSA', ['rsa:2048']],
    ['RSA-PSS', ['rsa-pss', '-pkeyopt', 'rsa_keygen_bits:2048']],
    ['P-384', ['ec', '-pkeyopt', 'ec_paramgen_curve:P-384']],
    ['Ed25519', ['ed25519']],
  ])('serve with a key of %s, and not with that of another certificate', async (name, key) => {
    pki.make(name, { issuer: 'root', key });
    pki.make(`${name}2`, { issuer: 'root', key });
    pki.use(name, [name], ['root']);
    expect(await failure()).toBe('none');
    for (const wrong of [`${name}2`, 'host']) {
      pki.use(wrong, [name], ['root']);
      expect(await failure()).toContain(
        `${KEY} is not the key of the first certificate in ${CERT}`,
      );
    }
  });

  test('serve with an intermediate CA in either file, if the root is trusted', async () => {
    for (const [certificates, ca] of [
      [['deep', 'middle'], ['root']],
      [['deep'], ['root', 'middle']],
      [
        ['deep', 'middle', 'root'],
        ['other', 'root'],
      ],
    ] as const) {
      pki.use('deep', certificates, ca);
      expect(await failure()).toBe('none');
    }
  });

  test.each([
    [
      ['deep'],
      ['middle'],
      '"CN=middle" in certs/cacert.pem was issued by CN=root, which is not in',
    ],
    [
      ['deep'],
      ['root'],
      '"CN=deep" in certs/vdsmcert.pem was issued by CN=middle, which is not in',
    ],
    [['deep', 'middle', 'root'], ['middle'], 'certs/cacert.pem lacks "CN=root", the root of'],
    [['deep', 'middle'], ['other'], '"CN=middle" in certs/vdsmcert.pem was issued by CN=root'],
  ])('of %s and the CA file of %s are refused', async (certificates, ca, reason) => {
    pki.use('deep', certificates, ca);
    expect(await failure()).toContain(reason);
  });

  test('of a CA that was renewed with the same key serve with both of its certificates', async () => {
    pki.make('renewed', { extensions: CA, dates: ['20200101000000Z', '20210101000000Z'] });
    const old = pki.read('renewed.pem');
    pki.openssl(
      ...['req', '-x509', '-key', 'renewed.key', '-subj', '/CN=renewed', '-config', '/dev/null'],
      ...['-days', '100', '-out', 'renewed.pem'],
      ...[...CA, 'subjectKeyIdentifier=hash'].flatMap((each) => ['-addext', each]),
    );
    pki.make('host2', { issuer: 'renewed' });
    pki.use('host2', ['host2'], ['renewed']);
    pki.write(TRUSTED, old + pki.read('renewed.pem'));
    expect(await failure()).toBe('none');
    pki.write(TRUSTED, old);
    expect(await failure()).toContain('"CN=renewed" in certs/cacert.pem expired on');
  });

  test.each([
    [
      '20200101000000Z',
      '20210101000000Z',
      /"CN=dated" in certs\/vdsmcert.pem expired on .*; renew it/,
    ],
    ['20900101000000Z', '20910101000000Z', /"CN=dated" in certs\/vdsmcert.pem is not valid before/],
  ])('valid from %s to %s are refused', async (from, to, reason) => {
    pki.make('dated', { issuer: 'root', dates: [from, to] });
    pki.use('dated', ['dated'], ['root']);
    expect(await failure()).toMatch(reason);
  });

  test('issued by what is no CA are refused', async () => {
    pki.make('leaf', { extensions: LEAF });
    pki.make('below', { issuer: 'leaf' });
    pki.use('below', ['below'], ['leaf']);
    expect(await failure()).toMatch(/"CN=leaf" in certs\/cacert.pem is no CA/);
  });

  test.each([
    [
      'extendedKeyUsage=clientAuth',
      'unsupported certificate purpose|unsuitable certificate purpose',
    ],
    ['keyUsage=critical,cRLSign', 'unsupported certificate purpose|unsuitable certificate purpose'],
  ])('with %s are refused', async (usage, reason) => {
    pki.make('client', { issuer: 'root', extensions: [...LEAF, usage] });
    pki.use('client', ['client'], ['root']);
    expect(await failure()).toMatch(
      new RegExp(`clients would refuse ${CERT} with ${KEY}: .*(${reason}); issue .*serverAuth`),
    );
  });

  test('too weak for OpenSSL are refused', async () => {
    pki.make('weak', { issuer: 'root', key: ['rsa:512'] });
    pki.use('weak', ['weak'], ['root']);
    expect(await failure()).toMatch(
      /clients would refuse .*key too small; issue it for a key of RSA with 2048 bits/,
    );
  });

  test.each([KEY, CERT, TRUSTED])(
    'with a pipe as %s are refused, and not waited for',
    async (name) => {
      const path = join(pki.folder, name);
      rmSync(path);
      execFileSync('mkfifo', [path]);
      const reason = await failure();
      rmSync(path);
      expect(reason).toContain(`${name} cannot be read: it is no regular file`);
    },
  );

  test.each([
    ['PKCS #8', ['pkcs8', '-topk8']],
    ['the traditional form', ['ec', '-aes128']],
  ])('with a passphrase on a key in %s are refused', async (_, command) => {
    pki.openssl(...command, '-in', 'host.key', '-out', KEY, '-passout', 'pass:secret');
    expect(await failure()).toContain(`${KEY} has a passphrase; store it without one`);
  });

  test('with line ends of Windows and text around serve', async () => {
    for (const name of [KEY, CERT, TRUSTED]) {
      pki.write(name, `Bag Attributes\n${pki.read(name)}\n`.replaceAll('\n', '\r\n'));
    }
    expect(await failure()).toBe('none');
  });

  test.each([KEY, CERT, TRUSTED])(
    'are refused if %s is empty, not PEM, or no file',
    async (name) => {
      pki.write(name, '');
      expect(await failure()).toContain(`${name} is empty`);
      pki.write(name, Buffer.from([0x30, 0x82, 1, 2]));
      expect(await failure()).toMatch(
        new RegExp(`${name} holds no (certificate|private key) in PEM`),
      );
      rmSync(join(pki.folder, name));
      mkdirSync(join(pki.folder, name));
      expect(await failure()).toContain(`${name} cannot be read: EISDIR`);
      rmSync(join(pki.folder, name), { recursive: true });
    },
  );

  test('with a damaged certificate among several are refused', async () => {
    const damaged = '-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n';
    pki.write(TRUSTED, pki.read('root.pem') + damaged);
    expect(await failure()).toContain(`certificate 2 of ${TRUSTED} cannot be read`);
  });
});
