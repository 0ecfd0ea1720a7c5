import { chmodSync, cpSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { readCredentials } from '../../../src/server/tls/credentials.ts';
import { needs } from '../../support/needs.ts';
import { makePki, type Pki } from '../../support/pki.ts';

test('a folder without the files has no credentials', async () => {
  expect(await readCredentials('/nonexistent')).toBeUndefined();
});

needs('openssl')('credentials', () => {
  let pki: Pki, other: Pki, folder: string;

  beforeAll(async () => {
    [pki, other] = await Promise.all([makePki(), makePki()]);
  });
  afterAll(() => {
    for (const each of [pki, other]) each.remove();
  });

  const copy = (): void => {
    folder = mkdtempSync(join(tmpdir(), 'vmemd-credentials-'));
    cpSync(pki.folder, folder, { recursive: true });
  };
  const failure = async (): Promise<string> => {
    try {
      await readCredentials(folder);
      return 'none';
    } catch (error) {
      return (error as Error).message.replace(folder, 'DIR');
    } finally {
      rmSync(folder, { recursive: true });
    }
  };

  test("have the certificate's expiry", async () => {
    const { expiry } = (await readCredentials(pki.folder)) ?? {};
    const days = ((expiry?.getTime() ?? 0) - Date.now()) / 86_400_000;
    expect(days).toBeGreaterThan(364);
    expect(days).toBeLessThanOrEqual(365);
  });

  test('accept the names of the certificate', async () => {
    const named = await makePki(['kvm1.example', '*.hosts.example', '192.0.2.1']);
    const { isNamed = () => false } = (await readCredentials(named.folder)) ?? {};
    named.remove();
    expect(['kvm1.example', 'KVM1.example', 'a.hosts.example'].map(isNamed)).toEqual([
      true,
      true,
      true,
    ]);
    expect(['kvm2.example', 'hosts.example', '*', ''].map(isNamed)).toEqual([
      false,
      false,
      false,
      false,
    ]);
  });

  test.each(['keys/vdsmkey.pem', 'certs/vdsmcert.pem', 'certs/cacert.pem'])(
    'without only %s are refused',
    async (name) => {
      copy();
      rmSync(join(folder, name));
      expect(await failure()).toBe(`The certificates in DIR cannot be used: ${name} is missing.`);
    },
  );

  test.each(['keys/vdsmkey.pem', 'certs/vdsmcert.pem', 'certs/cacert.pem'])(
    'with garbage in %s are refused',
    async (name) => {
      copy();
      chmodSync(join(folder, name), 0o600);
      writeFileSync(join(folder, name), 'not PEM');
      expect(await failure()).toMatch(/^The certificates in DIR cannot be used: .+\.$/);
    },
  );

  test('with the key of another certificate are refused', async () => {
    copy();
    cpSync(join(other.folder, 'keys/vdsmkey.pem'), join(folder, 'keys/vdsmkey.pem'));
    expect(await failure()).toMatch(/key values mismatch/);
  });

  test('that cannot be read are an error, not absent', async () => {
    copy();
    rmSync(join(folder, 'certs'), { recursive: true });
    writeFileSync(join(folder, 'certs'), 'a file in place of a folder');
    expect(await failure()).toContain('ENOTDIR');
  });
});
