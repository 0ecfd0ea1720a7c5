import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { plain } from '../../../src/server/http/page.ts';
import type { Server } from '../../../src/server/server.ts';
import { needs } from '../../support/needs.ts';
import { openTestServer } from '../../support/openServer.ts';
import { makePki, type Pki } from '../../support/pki.ts';

needs('openssl')('as openssl s_client sees the port', () => {
  let pki: Pki;
  let server: Server;
  beforeAll(async () => {
    pki = await makePki();
    server = await openTestServer({
      pkiPath: pki.folder,
      verifyClient: true,
      pages: { '/healthz': () => plain(200, 'well') },
    });
  });
  afterAll(async () => {
    await server.close();
    pki.remove();
  });

  /** Connects with a client certificate and these arguments, sends `input`, returns all output. */
  async function client(args: readonly string[], input = REQUEST): Promise<string> {
    const file = (name: string): string => join(pki.folder, name);
    const identity = ['-cert', file('certs/clientcert.pem'), '-key', file('keys/clientkey.pem')];
    const where = ['-connect', `127.0.0.1:${String(server.endpoints[0]?.port)}`];
    const all = ['s_client', ...where, '-CAfile', file('certs/cacert.pem'), ...identity, ...args];
    const child = spawn('openssl', all);
    let output = '';
    for (const stream of [child.stdout, child.stderr]) {
      stream.on('data', (chunk) => (output += String(chunk)));
    }
    // a client that was refused may be gone before it has read its input
    child.stdin.on('error', () => undefined);
    child.stdin.write(input);
    await new Promise((resolve) => child.on('close', resolve));
    return output;
  }

  const REQUEST = 'GET /healthz HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n';

  test.each([['-tls1_2'], ['-tls1_3']])('%s is served, without compression', async (version) => {
    const output = await client([version, '-verify_return_error']);
    expect(output).toContain('200 OK');
    expect(output).toContain('Verify return code: 0 (ok)');
    expect(output).toContain('Compression: NONE');
  });

  test.each([
    ['TLS 1.0', ['-tls1', '-cipher', 'ALL:@SECLEVEL=0']],
    ['TLS 1.1', ['-tls1_1', '-cipher', 'ALL:@SECLEVEL=0']],
    ['ciphers without encryption', ['-tls1_2', '-cipher', 'eNULL:@SECLEVEL=0']],
    ['ciphers without authentication', ['-tls1_2', '-cipher', 'aNULL:@SECLEVEL=0']],
    ['hashes by MD5', ['-tls1_2', '-cipher', 'MD5:@SECLEVEL=0']],
  ])('%s: refused by the server', async (_, args) => {
    const output = await client(args);
    expect(output).toMatch(/alert (handshake failure|protocol version)/);
    expect(output).not.toContain('200 OK');
  });

  test('a client cannot renegotiate', async () => {
    const output = await client(['-tls1_2'], 'R\n');
    expect(output).toContain('RENEGOTIATING');
    expect(output).toMatch(/no renegotiation|unexpected eof/i);
  });
});
