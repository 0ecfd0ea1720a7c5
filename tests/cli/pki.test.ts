import { execFileSync } from 'node:child_process';
import { X509Certificate } from 'node:crypto';
import {
  chmodSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from '@jest/globals';
import { initPki } from '../../src/cli/pki.ts';
import { needs } from '../support/needs.ts';

let scratch: string;
beforeEach(() => {
  scratch = mkdtempSync(join(tmpdir(), 'vmemd pki-'));
});
afterEach(() => {
  rmSync(scratch, { recursive: true });
});

test('a folder that is not empty is left unchanged', async () => {
  writeFileSync(join(scratch, 'mine'), '');
  chmodSync(scratch, 0o755);
  await expect(initPki({ folder: scratch })).rejects.toThrow(
    `${scratch} is not empty: name a folder that is, or a new one.`,
  );
  expect(readdirSync(scratch)).toEqual(['mine']);
  expect(statSync(scratch).mode & 0o777).toBe(0o755);
});

test.each(['/proc/vmemd', '/nonexistent/vmemd'])(
  'a folder %s that cannot be created is reported at once',
  async (folder) => {
    await expect(initPki({ folder })).rejects.toThrow(
      new RegExp(`^${folder} cannot be created \\(E.*\\): its parent must exist\\.$`),
    );
  },
);

test('a missing openssl is reported with advice, a failing one with its message', async () => {
  const folder = join(scratch, 'pki');
  await expect(initPki({ folder, openssl: '/nonexistent/openssl' })).rejects.toThrow(
    /^\/nonexistent\/openssl cannot be run \(.*ENOENT\): install OpenSSL 3\.$/,
  );
  await expect(
    initPki({ folder: join(scratch, 'second'), openssl: '/usr/bin/false' }),
  ).rejects.toThrow('/usr/bin/false failed');
});

needs('openssl')('pki --init', () => {
  let folder: string, advice: string;
  beforeAll(async () => {
    folder = join(mkdtempSync(join(tmpdir(), "vmemd's pki-")), 'new');
    const hosts = ['kvm1.example', '192.0.2.1', '2001:db8::1'];
    advice = await initPki({ folder, hosts, program: 'npm start --' });
  });
  afterAll(() => {
    rmSync(join(folder, '..'), { recursive: true });
  });

  const mode = (name: string): string => (statSync(join(folder, name)).mode & 0o777).toString(8);
  const certificate = (name: string) =>
    new X509Certificate(readFileSync(join(folder, 'certs', `${name}cert.pem`)));

  test("creates files in VDSM's layout, readable by their owner only", () => {
    expect(readdirSync(join(folder, 'keys')).sort()).toEqual([
      'cakey.pem',
      'clientkey.pem',
      'vdsmkey.pem',
    ]);
    expect(readdirSync(join(folder, 'certs')).sort()).toEqual([
      'cacert.pem',
      'clientcert.pem',
      'vdsmcert.pem',
    ]);
    expect(['.', 'keys', 'certs'].map(mode)).toEqual(['700', '700', '700']);
    expect(['ca', 'client', 'vdsm'].map((name) => mode(`keys/${name}key.pem`))).toEqual([
      '600',
      '600',
      '600',
    ]);
  });

  test('creates certificates that a strict OpenSSL accepts', () => {
    const file = (name: string): string => join(folder, 'certs', `${name}cert.pem`);
    for (const [name, purpose] of [
      ['vdsm', 'sslserver'],
      ['vdsm', 'sslclient'],
      ['client', 'sslclient'],
    ] as const) {
      const args = ['-x509_strict', '-purpose', purpose, '-CAfile', file('ca'), file(name)];
      expect(execFileSync('openssl', ['verify', ...args]).toString()).toBe(`${file(name)}: OK\n`);
    }
  });

  test('puts every given name and address into the host certificate', () => {
    const host = certificate('vdsm');
    expect(host.subject).toContain('CN=kvm1.example');
    expect(['localhost', 'kvm1.example'].every((name) => host.checkHost(name))).toBe(true);
    expect(['127.0.0.1', '::1', '192.0.2.1', '2001:db8::1'].every((ip) => host.checkIP(ip))).toBe(
      true,
    );
    expect(host.checkHost('kvm2.example')).toBeUndefined();
  });

  test('prints lines to paste, with quoted paths', () => {
    const quoted = `'${folder.replace("'", `'\\''`)}`;
    expect(advice).toContain(`npm start -- --pki ${quoted}' --listen '[::]:54321'\n`);
    expect(advice).toContain(`    ./vmemctl --host wss://localhost:54321 --pki ${quoted}' list\n`);
  });
});
