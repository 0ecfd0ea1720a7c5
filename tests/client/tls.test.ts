import { mkdtempSync, rmSync } from 'node:fs';
import { createServer as createPlain } from 'node:http';
import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import { Client, RefusedError, type Target, UnreachableError } from '../../src/client/index.ts';
import { CA, Certificates, LEAF } from '../support/certificates.ts';
import { needs } from '../support/needs.ts';
import { openTestServer } from '../support/openServer.ts';
import { createRpc, table } from '../support/server.ts';
import { vmemctl } from '../vmemctl/vmemctl.ts';

type Options = Parameters<typeof openTestServer>[0];

let stop: () => Promise<unknown>;
afterEach(() => stop());

/** Opens a daemon without verbs but Host.ping2; returns its port. */
async function open(options: Options = {}): Promise<number> {
  const { call, dispatch } = createRpc(table({ 'Host.ping2': () => true }));
  const server = await openTestServer({ call, dispatch, ...options });
  stop = () => server.close();
  return server.endpoints[0]?.port ?? 0;
}

needs('openssl')('TLS', () => {
  const EXPIRED = ['20200101000000Z', '20200201000000Z'] as const;
  const SERVER = [...LEAF, 'subjectAltName=DNS:localhost,IP:127.0.0.1'];
  const pki = new Certificates();
  beforeAll(() => {
    pki.make('ca', { extensions: CA });
    pki.make('other', { extensions: CA });
    pki.make('vdsm', { issuer: 'ca', extensions: SERVER });
    pki.make('elsewhere', { issuer: 'ca', extensions: [...LEAF, 'subjectAltName=DNS:kvm9'] });
    pki.make('old', { issuer: 'ca', extensions: SERVER, dates: EXPIRED });
    pki.make('client', { issuer: 'ca' });
    pki.make('late', { issuer: 'ca', dates: EXPIRED });
    pki.make('stranger', { issuer: 'other' });
    pki.use('vdsm', ['vdsm'], ['ca']);
  });
  afterAll(() => {
    pki.remove();
  });

  const file = (name: string): string => join(pki.folder, name);
  const filesOf = (name: string, ca = 'ca') => ({
    ca: file(`${ca}.pem`),
    cert: file(`${name}.pem`),
    key: file(`${name}.key`),
  });

  async function failureOf(target: Target): Promise<UnreachableError> {
    const client = new Client({ targets: [target] });
    const error: unknown = await client.connect().catch((thrown: unknown) => thrown);
    await client.close();
    if (error instanceof UnreachableError) return error;
    throw new Error('it connected');
  }

  test('connects with a certificate of the CA, as vmemctl does with a folder', async () => {
    const port = await open({ pkiPath: pki.folder });
    const host = `localhost:${String(port)}`;
    const client = new Client({
      targets: [{ kind: 'tls', host: 'localhost', port, files: filesOf('client') }],
    });
    expect(await client.call('Host.ping2')).toBe(true);
    await client.close();
    for (const argv of [
      ['--pki', pki.folder],
      ['--ca', file('ca.pem'), '--cert', file('client.pem'), '--key', file('client.key')],
    ]) {
      const ran = await vmemctl(['-v', '-a', host, ...argv, 'call', 'Host.ping2']);
      expect(ran).toMatchObject({ exit: 0, stdout: 'true\n' });
      expect(ran.stderr).toContain(`connected to wss://${host}\n`);
    }
  });

  test.each([
    ['late', 'has expired'],
    ['stranger', 'is not of the CA'],
  ])('a daemon that refuses the certificate %s is told as such', async (name) => {
    const port = await open({ pkiPath: pki.folder });
    const error = await failureOf({ kind: 'tls', host: 'localhost', port, files: filesOf(name) });
    expect(error).toBeInstanceOf(RefusedError);
    expect(error.message).toMatch(/certificate/);
  });

  describe.each([
    ['old', 'localhost', 'ca', /^the daemon's certificate has expired$/],
    ['vdsm', 'localhost', 'other', /^the daemon's certificate is not of the CA in \/.*other\.pem$/],
    ['elsewhere', 'localhost', 'ca', /not for the name localhost but for DNS:kvm9$/],
  ])('a daemon with the certificate %s, called %s', (name, host, ca, reason) => {
    test(`is not trusted with the CA ${ca}`, async () => {
      const server = createServer({ key: pki.read(`${name}.key`), cert: pki.read(`${name}.pem`) });
      await new Promise<void>((resolve) => server.listen(0, 'localhost', resolve));
      stop = () => new Promise((resolve) => server.close(resolve));
      const { port } = server.address() as AddressInfo;
      const error = await failureOf({ kind: 'tls', host, port, files: filesOf('client', ca) });
      expect(error).not.toBeInstanceOf(RefusedError);
      expect(error.attempts[0]).toMatchObject({
        reason: expect.stringMatching(reason),
        fault: 'daemon-certificate',
      });
    });
  });

  test('files that are missing or do not belong together are named', async () => {
    stop = () => Promise.resolve();
    const target = { kind: 'tls', host: 'localhost', port: 1 } as const;
    const files = filesOf('client');
    const reasonOf = async (given: typeof files) =>
      (await failureOf({ ...target, files: given })).attempts[0]?.reason;
    expect(await reasonOf({ ...files, ca: '/none.pem' })).toBe('/none.pem does not exist');
    expect(await reasonOf({ ...files, key: file('late.key') })).toBe(
      `${file('late.key')} is not the key of ${file('client.pem')}`,
    );
    expect(await reasonOf({ ...files, cert: file('ca.cnf') })).toMatch(
      /one of them is no PEM file$/,
    );
  });

  test('vmemctl says it in one sentence, with exit status 3', async () => {
    const port = await open({ pkiPath: pki.folder });
    const host = `wss://localhost:${String(port)}`;
    const argv = [
      '--ca',
      file('other.pem'),
      '--cert',
      file('client.pem'),
      '--key',
      file('client.key'),
    ];
    const { exit, stdout, stderr } = await vmemctl(['-a', host, ...argv, 'call', 'Host.ping2']);
    expect([exit, stdout]).toEqual([3, '']);
    expect(stderr).toMatch(/^vmemctl: cannot connect to wss:.*is not of the CA in .*\n$/);
  });
});

test('a daemon that does not admit this user is told with its own words', async () => {
  const server = createPlain((_, response) =>
    response.writeHead(403).end('You may\nnot connect.\n'),
  );
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  stop = () => new Promise((resolve) => server.close(resolve));
  const host = `127.0.0.1:${String((server.address() as AddressInfo).port)}`;
  const ran = await vmemctl(['-a', host, '--insecure', 'call', 'Host.ping2']);
  expect(ran.exit).toBe(3);
  expect(ran.stderr).toContain(`cannot connect to ws://${host} (You may not connect.)`);
});

test('a unix socket needs nothing else, and is tried first', async () => {
  const root = mkdtempSync(join(tmpdir(), 'vmemctl-root-'));
  const path = join(root, 'run/vmemd/vmemd.sock');
  await open({ unixSocket: { path, group: '', isOptional: false } });
  const ran = await vmemctl(['-v', 'call', 'Host.ping2'], { root });
  expect(ran).toMatchObject({ exit: 0, stdout: 'true\n' });
  expect(ran.stderr).toContain(`connected to ${path}\n`);
  const named = await vmemctl(['--host', path, 'call', 'Host.ping2']);
  expect(named).toMatchObject({ exit: 0, stdout: 'true\n' });
  rmSync(root, { recursive: true });
});
