import { connect } from 'node:net';
import { afterAll, afterEach, beforeAll, expect, test } from '@jest/globals';
import { systemClock } from '../../src/common/clock.ts';
import { EventBus } from '../../src/jsonrpc/eventBus.ts';
import { type Server, openServer } from '../../src/server/server.ts';
import { plain } from '../../src/server/http/page.ts';
import { openAccess } from '../support/access.ts';
import { silent } from '../support/call.ts';
import { needs } from '../support/needs.ts';
import { makePki, type Pki } from '../support/pki.ts';

let server: Server;
let reasons: string[];
afterEach(() => server.close());

async function open(pkiPath: string): Promise<void> {
  reasons = [];
  server = await openServer({
    call: () => Promise.reject(new Error('not called')),
    dispatch: () => Promise.resolve(undefined),
    events: new EventBus(),
    log: silent,
    onTurnedAway: (reason) => reasons.push(reason),
    clock: systemClock,
    addresses: ['127.0.0.1'],
    port: 0,
    ssl: true,
    pkiPath,
    verifyClient: false,
    access: openAccess,
    unixSocket: undefined,
    originPolicy: { hosts: ['alias.example'] },
    maxMessage: 2048,
    maxFrame: 1024,
    maxUnread: 65536,
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
