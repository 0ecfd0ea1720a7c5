import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { afterEach, expect, test } from '@jest/globals';
import type { AccessSettings } from '../../src/access/grant.ts';
import { plain } from '../../src/server/http/page.ts';
import type { Server } from '../../src/server/server.ts';
import { openAccess } from '../support/access.ts';
import { needs } from '../support/needs.ts';
import { openTestServer } from '../support/openServer.ts';

const STRANGER = 65_534;
const servers: Server[] = [];
afterEach(async () => {
  await Promise.all(servers.splice(0).map((server) => server.close()));
});

/** Opens a port as on real libvirt; returns its number. */
async function open(access: Partial<AccessSettings> = {}): Promise<number> {
  const server = await openTestServer({
    dispatch: (_, reply) => {
      reply({ id: '1', text: '"served"' });
    },
    addresses: ['localhost'],
    access: { ...openAccess, unnamed: undefined, ...access },
    pages: { '/healthz': () => plain(200, 'well') },
  });
  servers.push(server);
  return server.endpoints[0]?.port ?? 0;
}

/** Sends bytes as a user of this machine; returns all that is received within the connection. */
async function sendAs(uid: number, host: string, port: number, bytes: string): Promise<string> {
  const script = `
    const socket = require('node:net').connect(${String(port)}, ${JSON.stringify(host)});
    socket.on('error', () => undefined).pipe(process.stdout);
    socket.write(${JSON.stringify(bytes)});
    socket.on('data', (data) => String(data).includes('served') && socket.destroy());`;
  const client = spawn(process.execPath, ['-e', script], { uid, gid: uid, cwd: '/' });
  let text = '';
  client.stdout.on('data', (chunk) => (text += String(chunk)));
  await once(client, 'close');
  return text;
}

const get = (path: string, more = ''): string =>
  `GET ${path} HTTP/1.1\r\nHost: localhost\r\n${more || 'Connection: close\r\n'}\r\n`;
const UPGRADE =
  'Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n';
const STOMP =
  'SUBSCRIBE\nid:1\ndestination:jms.topic.vdsm_responses\n\n\0SEND\ndestination:jms.topic.vdsm_requests\n\n{}\0';
const ADVICE = 'add the user to [rpc] local_users';

needs('root')('without a certificate', () => {
  test.each(['127.0.0.1', '::1'])('another local user at %s gets a sentence', async (host) => {
    const port = await open();
    expect(await sendAs(STRANGER, host, port, get('/api'))).toMatch(
      /^HTTP\/1.1 403 [^]*local_users/,
    );
    expect(await sendAs(STRANGER, host, port, get('/', UPGRADE))).toMatch(
      /^HTTP\/1.1 403 [^]*local_users/,
    );
    const frame = await sendAs(STRANGER, host, port, STOMP);
    expect(frame).toMatch(/^ERROR\nmessage:/);
    expect(frame).toContain(ADVICE);
  });

  test('the health of vmemd is open to every local user', async () => {
    const port = await open();
    expect(await sendAs(STRANGER, '127.0.0.1', port, get('/healthz'))).toContain('well');
  });

  test.each(['127.0.0.1', '::1'])(
    'a user named in the configuration is served at %s',
    async (host) => {
      const pattern = String(STRANGER);
      const port = await open({ localUsers: [{ kind: 'user', pattern }] });
      expect(await sendAs(STRANGER, host, port, STOMP)).toContain('served');
    },
  );

  test('root is served', async () => {
    const port = await open();
    expect(await sendAs(0, '127.0.0.1', port, STOMP)).toContain('served');
  });
});

test("vmemd's own user is served", async () => {
  const port = await open();
  expect(await sendAs(process.getuid?.() ?? 0, '127.0.0.1', port, STOMP)).toContain('served');
});
