import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import type { Server } from '../../src/server/server.ts';
import { needs } from '../support/needs.ts';
import { openTestServer } from '../support/openServer.ts';
import { makePki, type Pki } from '../support/pki.ts';

const OURS = '198.51.100.1';
const THEIRS = '198.51.100.2';
const NAMESPACE = `vmemd-${String(process.pid)}`;
const [NEAR, FAR] = [`vn${String(process.pid)}`, `vf${String(process.pid)}`];

function ip(...words: readonly string[]): void {
  const { status, stderr } = spawnSync('ip', words, { encoding: 'utf8' });
  if (status !== 0) throw new Error(`ip ${words.join(' ')}: ${stderr}`);
}

needs('netns', 'openssl')('a client on another machine', () => {
  let pki: Pki;
  let server: Server;
  beforeAll(async () => {
    ip('netns', 'add', NAMESPACE);
    ip('link', 'add', NEAR, 'type', 'veth', 'peer', 'name', FAR, 'netns', NAMESPACE);
    ip('address', 'add', `${OURS}/30`, 'dev', NEAR);
    ip('link', 'set', NEAR, 'up');
    ip('-n', NAMESPACE, 'address', 'add', `${THEIRS}/30`, 'dev', FAR);
    ip('-n', NAMESPACE, 'link', 'set', FAR, 'up');
    pki = await makePki([OURS]);
    server = await openTestServer({
      dispatch: ({ caller }, reply) => {
        reply({ id: '1', text: JSON.stringify({ served: caller.peer.address }) });
      },
      addresses: [OURS],
      pkiPath: pki.folder,
      // every local user may connect
    });
  });
  afterAll(async () => {
    await server.close();
    pki.remove();
    ip('netns', 'del', NAMESPACE);
  });

  const STOMP =
    'SUBSCRIBE\nid:1\ndestination:jms.topic.vdsm_responses\n\n\0SEND\ndestination:jms.topic.vdsm_requests\n\n{}\0';

  /** Runs code that makes `socket` in the other namespace; returns what is received. */
  async function send(socket: string): Promise<string> {
    const script = `
      const read = (name) => require('node:fs').readFileSync(require('node:path').join(${JSON.stringify(join(pki.folder))}, name));
      const to = { host: '${OURS}', port: ${String(server.endpoints[0]?.port)} };
      const socket = ${socket};
      socket.on('error', () => undefined).pipe(process.stdout);
      socket.write(${JSON.stringify(STOMP)});
      socket.on('data', (data) => String(data).includes('served') && socket.destroy());`;
    const words = ['netns', 'exec', NAMESPACE, process.execPath, '-e', script];
    const client = spawn('ip', words);
    let text = '';
    client.stdout.on('data', (chunk) => (text += String(chunk)));
    await once(client, 'close');
    return text;
  }

  test('gets nothing without TLS, even if every user of this machine may connect', async () => {
    expect(await send("require('node:net').connect(to)")).toBe('');
  });

  test('gets nothing without a certificate of the CA', async () => {
    const ca = "ca: read('certs/cacert.pem')";
    expect(await send(`require('node:tls').connect({ ...to, ${ca} })`)).toBe('');
  });

  test('is served with a certificate of the CA', async () => {
    const shown =
      "ca: read('certs/cacert.pem'), cert: read('certs/clientcert.pem'), key: read('keys/clientkey.pem')";
    const text = await send(`require('node:tls').connect({ ...to, ${shown} })`);
    expect(text).toContain(`{"served":"${THEIRS}"}`);
  });
});
