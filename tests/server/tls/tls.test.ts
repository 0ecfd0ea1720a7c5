import { once } from 'node:events';
import { cpSync, writeFileSync } from 'node:fs';
import { connect as connectPlain, type Socket } from 'node:net';
import { join } from 'node:path';
import { connect, type ConnectionOptions } from 'node:tls';
import { afterAll, afterEach, beforeAll, expect, test } from '@jest/globals';
import { WebSocket, WebSocketServer } from 'ws';
import { systemClock } from '../../../src/common/clock.ts';
import { createOriginPolicy } from '../../../src/server/http/originPolicy.ts';
import { createHttp } from '../../../src/server/http/http.ts';
import { plain } from '../../../src/server/http/page.ts';
import { Responses } from '../../../src/server/http/responses.ts';
import { openPort, type Port, type PortOptions } from '../../../src/server/port/port.ts';
import { Tls, type TlsOptions } from '../../../src/server/tls/tls.ts';
import { Milliseconds } from '../../../src/common/units.ts';
import { asAdmin, openAdmission } from '../../support/access.ts';
import { recorder } from '../../support/call.ts';
import { needs, ownAddress } from '../../support/needs.ts';
import { makePki, type Pki } from '../../support/pki.ts';
import { until } from '../../support/until.ts';
import { VirtualClock } from '../../support/virtualClock.ts';

needs('openssl')('TLS', () => {
  let ours: Pki, theirs: Pki;
  let port: Port, tls: Tls;
  const { lines, log } = recorder();
  const echo = new WebSocketServer({ noServer: true });
  const httpClock = new VirtualClock();
  const http = createHttp({
    originPolicy: createOriginPolicy({}),
    log,
    clock: httpClock,
    responses: new Responses(httpClock),
    grantOf: () => asAdmin,
    pages: { '/healthz': () => plain(200, 'well') },
    upgrade(request, { socket, head }) {
      echo.handleUpgrade(request, socket, head, (ws) =>
        ws.on('message', (data: Buffer) => {
          ws.send(data.toString());
        }),
      );
    },
  });

  beforeAll(async () => {
    [ours, theirs] = await Promise.all([makePki(), makePki()]);
  });
  afterAll(() => {
    for (const pki of [ours, theirs]) pki.remove();
  });
  afterEach(() => {
    port.close();
    tls.close();
    http.closeAllConnections();
    for (const client of echo.clients) client.terminate();
    lines.length = 0;
  });

  async function open(options: Partial<TlsOptions> = {}, of: Partial<PortOptions> = {}) {
    const clock = new VirtualClock();
    const opened = await Tls.open({ folder: ours.folder, log, clock, ...options });
    if (!opened) throw new Error('there are no certificates');
    tls = opened;
    port = await openPort({
      endpoints: [{ host: '127.0.0.1', port: 0 }],
      http: (socket) => http.emit('connection', socket),
      stomp: (socket) => socket.pipe(socket),
      log,
      clock,
      tls,
      admission: openAdmission,
      ...of,
    });
  }

  const at = (): { host: string; port: number } => ({
    host: port.endpoints[0]?.host ?? '',
    port: port.endpoints[0]?.port ?? 0,
  });

  /** Returns what the server sends for `bytes`, or the code of the error that ends the connection. */
  async function exchange(options: ConnectionOptions, bytes = page): Promise<string> {
    return ended(connect({ ...at(), ca: ours.client.ca, ...options }), bytes);
  }

  async function ended(socket: Socket, bytes: string | Buffer): Promise<string> {
    let text = '';
    socket.on('data', (chunk) => (text += chunk.toString()));
    socket.on('error', (error: NodeJS.ErrnoException) => (text += String(error.code)));
    socket.write(bytes);
    // once() would throw an error, which is part of the result
    await new Promise((resolve) => socket.on('close', resolve));
    return text;
  }

  const page = 'GET /healthz HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n';
  const failures = () => lines.filter(({ msg }) => msg === 'a TLS handshake failed');

  test.each(['TLSv1.2', 'TLSv1.3'] as const)('serves only clients with %s', async (version) => {
    await open();
    const only = { ...ours.client, minVersion: version, maxVersion: version };
    expect(await exchange(only)).toContain('200 OK');
    expect(failures()).toEqual([]);
  });

  test('refuses older versions', async () => {
    await open();
    const old = { minVersion: 'TLSv1', maxVersion: 'TLSv1.1', ciphers: 'ALL:@SECLEVEL=0' } as const;
    expect(await exchange({ ...ours.client, ...old })).toMatch(/^E.*PROTO/);
    await until(() => failures().length === 1);
  });

  test.each(['TLSv1.2', 'TLSv1.3'] as const)(
    'refuses clients without a certificate, or with one of another CA, over %s',
    async (version) => {
      await open();
      const only = { minVersion: version, maxVersion: version };
      expect(await exchange(only)).not.toContain('HTTP');
      const { cert, key } = theirs.client;
      expect(await exchange({ ...only, cert, key })).not.toContain('HTTP');
      await until(() => failures().length === 2);
      expect(failures()).toMatchObject([
        { level: 30, address: '127.0.0.1', reason: expect.stringContaining('certificate') },
        { level: 30, address: '127.0.0.1', reason: 'UNABLE_TO_VERIFY_LEAF_SIGNATURE' },
      ]);
    },
  );

  test('refuses to resume a session', async () => {
    await open();
    const socket = connect({ ...at(), ...ours.client });
    const sessions: Buffer[] = [];
    socket.on('session', (session) => sessions.push(session));
    expect(await ended(socket, page)).toContain('200 OK');
    const again = connect({ ...at(), ca: ours.client.ca, session: sessions.at(-1) });
    expect(await ended(again, page)).not.toContain('HTTP');
  });

  test('carries WebSocket, STOMP and HTTP, and refuses other protocols', async () => {
    await open();
    const ws = new WebSocket(`wss://127.0.0.1:${String(at().port)}/`, ours.client);
    await once(ws, 'open');
    ws.send('hello');
    expect(String((await once(ws, 'message'))[0])).toBe('hello');
    ws.terminate();

    expect(await exchange(ours.client, page.replace('/healthz', '/'))).toContain(
      'vmemctl --host wss://localhost --pki',
    );

    const stomp = connect({ ...at(), ...ours.client });
    stomp.write('CONNECT\naccept-version:1.2\n\n\0');
    expect(String((await once(stomp, 'data'))[0])).toBe('CONNECT\naccept-version:1.2\n\n\0');
    stomp.destroy();

    expect(await exchange(ours.client, '{"jsonrpc":"2.0"}')).toBe('');
    expect(await exchange(ours.client, '\x16\x03\x01')).toBe('');
  });

  test('sends each write as a record of its own', async () => {
    const pieces = ['CONNECTED\n\n\0', 'MESSAGE\n\n1\0', 'MESSAGE\n\n2\0'];
    await open(
      {},
      {
        stomp(socket) {
          const write = ([first, ...rest]: readonly string[]): void => {
            if (first !== undefined) socket.write(first, () => write(rest));
          };
          write(pieces);
        },
      },
    );
    const client = connect({ ...at(), ...ours.client });
    const seen: string[] = [];
    client.on('data', (chunk) => seen.push(String(chunk)));
    client.write('CONNECT\n\n\0');
    await until(() => seen.join('') === pieces.join(''));
    // OpenSSL emits decrypted data record by record
    expect(seen).toEqual(pieces);
    client.destroy();
  });

  test('accepts plain connections from this machine only', async () => {
    await open();
    expect(await ended(connectPlain(at()), page)).toContain('200 OK');
    port.close();
    tls.close();

    await open({}, { allowsPlain: () => false });
    expect(await ended(connectPlain(at()), page)).toBe('');
    expect(lines.at(-1)).toMatchObject({
      protocol: 'http',
      address: '127.0.0.1',
      msg: 'closed an unencrypted connection from another machine',
    });
    expect(await exchange(ours.client)).toContain('200 OK');
  });

  test('uses new certificates for new connections only', async () => {
    const folder = theirs.folder;
    const other = await makePki();
    const watch = { interval: Milliseconds(10), settle: Milliseconds(50) };
    await open({ folder: other.folder, clock: systemClock, watch });
    const old = connect({ ...at(), ...other.client });
    old.write('CONNECT\n');
    await once(old, 'data');
    const before = tls.certificateExpiry();

    writeFileSync(join(other.folder, 'certs/vdsmcert.pem'), 'broken');
    await until(() => lines.some(({ level }) => level === 50));
    expect(await exchange(other.client)).toContain('200 OK');
    expect(tls.certificateExpiry()).toBe(before);

    cpSync(folder, other.folder, { recursive: true });
    await until(() => lines.some(({ msg }) => msg === 'read the certificates again'));
    expect(await exchange(theirs.client)).toContain('200 OK');
    expect(await exchange(other.client)).toBe('SELF_SIGNED_CERT_IN_CHAIN');
    old.write('still there');
    expect(String((await once(old, 'data'))[0])).toBe('still there');
    old.destroy();
    other.remove();
    await tls.reload();
    expect(lines.at(-1)).toMatchObject({ level: 50 });
  });

  test('warns of a certificate that expires soon, or has expired', async () => {
    await open();
    expect(lines).toEqual([]);
    const day = 86_400_000;
    const now = Date.now;
    try {
      for (const [days, words] of [
        [360, 'expires in 4 days: renew it'],
        [366, 'has expired: renew it'],
      ] as const) {
        Date.now = () => now() + days * day;
        await tls.reload();
        expect(lines.at(-1)).toMatchObject({ level: 40, msg: expect.stringContaining(words) });
      }
    } finally {
      Date.now = now;
    }
  });

  test('does not check the names of clients on this machine', async () => {
    await open({ verifyClient: true, reverse: () => Promise.reject(new Error('not to be asked')) });
    expect(await exchange(ours.client)).toContain('200 OK');
  });

  needs('address')('for clients on other machines', () => {
    const endpoints = [{ host: ownAddress() ?? '', port: 0 }];

    test('requires encryption', async () => {
      await open({}, { endpoints });
      expect(await ended(connectPlain(at()), page)).toBe('');
      const checkServerIdentity = () => undefined;
      expect(await exchange({ ...ours.client, checkServerIdentity })).toContain('200 OK');
    });

    test("checks the client's name in its certificate if configured", async () => {
      let names = ['VMEMD trial client'];
      const reverse = () => Promise.resolve(names);
      const client = { ...ours.client, checkServerIdentity: () => undefined };
      await open({ verifyClient: true, reverse }, { endpoints });
      expect(await exchange(client)).toContain('200 OK');
      names = ['somebody else'];
      expect(await exchange(client)).not.toContain('HTTP');
      expect(failures()).toMatchObject([
        { address: endpoints[0]?.host, reason: 'its certificate is that of vmemd trial client' },
      ]);
    });
  });

  test('closes a connection whose handshake takes too long', async () => {
    await open({ handshakeTimeout: Milliseconds(50) });
    expect(await ended(connectPlain(at()), Buffer.from([0x16]))).toBe('');
    await until(() => failures().length === 1);
    expect(failures()).toMatchObject([{ address: '127.0.0.1', reason: 'TLS handshake timeout' }]);
  });

  test('closes a connection whose handshake is invalid', async () => {
    await open();
    expect(await ended(connectPlain(at()), Buffer.alloc(100, 0x16))).not.toContain('HTTP');
    await until(() => failures().length === 1);
    expect(failures()).toMatchObject([
      { address: '127.0.0.1', reason: expect.stringContaining('wrong version number') },
    ]);
  });

  const few = { places: 2, perPeer: 2 };
  const crowded = () => lines.filter(({ msg }) => String(msg).includes('too many'));

  test('unfinished handshakes let a client with a certificate in', async () => {
    await open({}, { limits: { 'arriving-local': few } });
    const slow = Array.from({ length: 5 }, () => ended(connectPlain(at()), Buffer.from([0x16])));
    await until(() => crowded().length === 3);
    expect(await exchange(ours.client)).toContain('200 OK');
    await Promise.race(slow);
  });

  test('clients with a certificate keep their places, whatever clients without TLS do', async () => {
    await open({}, { limits: { local: few, remote: few } });
    const engine = connect({ ...at(), ...ours.client });
    const echoed = once(engine, 'data');
    engine.write('CONNECT\n');
    expect(String(await echoed)).toBe('CONNECT\n');
    const silent = Array.from({ length: 5 }, () => connectPlain(at()));
    for (const socket of silent) {
      socket.on('error', () => undefined).write('CONNECT\n');
      await once(socket, 'data');
    }
    await until(() => crowded().length === 3);
    const again = once(engine, 'data');
    engine.write('x');
    expect(String(await again)).toBe('x');
    for (const socket of [engine, ...silent]) socket.destroy();
  });

  test('of clients with a certificate, one that sends is kept before silent ones', async () => {
    const clock = new VirtualClock();
    await open({}, { clock, limits: { remote: few } });
    const client = async () => {
      const socket = connect({ ...at(), ...ours.client });
      socket.on('error', () => undefined).write('CONNECT\n');
      await once(socket, 'data');
      return socket;
    };
    const [sending, silent] = [await client(), await client()];
    const closed = once(silent, 'close');
    await clock.advance(Milliseconds(5000));
    sending.write('x');
    await once(sending, 'data');
    await clock.advance(Milliseconds(5000));
    const newcomer = await client();
    await closed;
    expect(sending.destroyed).toBe(false);
    for (const socket of [sending, newcomer]) socket.destroy();
  });

  test('a failed handshake leaves its place', async () => {
    await open({}, { limits: { 'arriving-local': few } });
    for (let failed = 1; failed <= 5; failed += 1) {
      const slow = connectPlain(at());
      slow.on('error', () => undefined).write(Buffer.from([0x16]));
      await new Promise((resolve) => slow.once('connect', resolve));
      // a later connection has a reply, so the handshake has begun
      expect(await ended(connectPlain(at()), page)).toContain('200 OK');
      slow.resetAndDestroy();
      await until(() => failures().length === failed);
    }
    expect(await exchange(ours.client)).toContain('200 OK');
    expect(crowded()).toEqual([]);
  });

  test('closes handshakes with the port', async () => {
    await open();
    const slow = connectPlain(at());
    slow.write(Buffer.from([0x16]));
    const other = await exchange(ours.client);
    expect(other).toContain('200 OK');
    const closed = once(slow, 'close');
    port.close();
    tls.close();
    await closed;
  });
});
