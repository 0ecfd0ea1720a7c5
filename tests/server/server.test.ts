import { connect } from 'node:net';
import { afterAll, afterEach, beforeAll, expect, test } from '@jest/globals';
import type { Server } from '../../src/server/server.ts';
import { plain } from '../../src/server/http/page.ts';
import { needs } from '../support/needs.ts';
import { openTestServer } from '../support/openServer.ts';
import { makePki, type Pki } from '../support/pki.ts';

let server: Server;
let reasons: string[];
afterEach(() => server.close());

async function open(pkiPath: string): Promise<void> {
  reasons = [];
  server = await openTestServer({
    onTurnedAway: (reason) => reasons.push(reason),
    pkiPath,
    originPolicy: { hosts: ['alias.example'] },
    pages: { '/healthz': () => plain(200, 'well') },
  });
}

/** Sends these bytes; returns all that is received until the connection ends. */
async function exchange(bytes: string): Promise<string> {
  const socket = connect(server.endpoints[0]?.port ?? 0, '127.0.0.1');
  socket.write(bytes);
  let text = '';
  for await (const chunk of socket) text += String(chunk);
  return text;
}

const status = async (host: string): Promise<string | undefined> => {
  const answer = await exchange(
    `GET /healthz HTTP/1.1\r\nHost: ${host}\r\nConnection: close\r\n\r\n`,
  );
  return answer.split(' ')[1];
};

test('the body of a STOMP frame is limited to maxFrame', async () => {
  await open('/nonexistent');
  const error = await exchange('SEND\ncontent-length:1025\n\n');
  expect(error).toContain('message:a body may have 1024 bytes ([rpc] max_frame_bytes)');
});

test('clients that are turned away are counted by reason', async () => {
  await open('/nonexistent');
  await exchange('SEND\ncontent-length:1025\n\n');
  await exchange('\x00\x01 no protocol that is known');
  expect(reasons).toEqual(['protocol_violated', 'protocol_not_served']);
});

needs('openssl')('with certificates', () => {
  let pki: Pki;
  beforeAll(async () => {
    pki = await makePki(['kvm1.example']);
  });
  afterAll(() => {
    pki.remove();
  });

  test('names in the certificate are allowed besides those of the configuration', async () => {
    await open(pki.folder);
    expect(await status('kvm1.example:54321')).toBe('200');
    expect(await status('alias.example')).toBe('200');
    expect(await status('kvm2.example')).toBe('403');
    expect(server.certificateExpiry()?.getTime()).toBeGreaterThan(Date.now());
    await server.reload();
    expect(await status('kvm1.example')).toBe('200');
  });
});
