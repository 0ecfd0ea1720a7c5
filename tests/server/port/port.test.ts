import { once } from 'node:events';
import { createServer } from 'node:http';
import { connect, type Socket } from 'node:net';
import { afterEach, expect, test } from '@jest/globals';
import { openPort, type Port, type PortOptions } from '../../../src/server/port/port.ts';
import { Milliseconds } from '../../../src/common/units.ts';
import { openAdmission } from '../../support/access.ts';
import { recorder, silent } from '../../support/call.ts';
import { needs, ownAddress } from '../../support/needs.ts';
import { until } from '../../support/until.ts';
import { VirtualClock } from '../../support/virtualClock.ts';

const http = createServer((request, response) => {
  let body = '';
  request.on('data', (chunk) => (body += String(chunk)));
  request.on('end', () => response.end(`http saw ${body}`));
});
const opened: Port[] = [];

afterEach(() => {
  for (const port of opened.splice(0)) port.close();
});

async function open(options: Partial<PortOptions> = {}): Promise<Port> {
  const port = await openPort({
    endpoints: [{ host: '127.0.0.1', port: 0 }],
    http: (socket) => http.emit('connection', socket),
    admission: openAdmission,
    log: silent,
    clock: new VirtualClock(),
    ...options,
  });
  opened.push(port);
  return port;
}

async function dial(port: Port): Promise<Socket> {
  const socket = connect(port.endpoints[0]?.port ?? 0, port.endpoints[0]?.host);
  await once(socket, 'connect');
  return socket;
}

async function rest(socket: Socket): Promise<string> {
  let text = '';
  socket.on('data', (chunk) => (text += chunk.toString('latin1')));
  socket.on('error', () => undefined);
  await once(socket, 'close');
  return text;
}

const post = 'POST / HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Length: 4\r\n\r\nbody';

test('HTTP reaches the HTTP server, whole or byte by byte', async () => {
  const port = await open();
  const whole = await dial(port);
  whole.write(post);
  expect(await rest(whole)).toContain('http saw body');

  const slow = await dial(port);
  slow.setNoDelay(true);
  for (const byte of post) {
    slow.write(byte);
    await new Promise((resolve) => setImmediate(resolve));
  }
  expect(await rest(slow)).toContain('http saw body');
});

test('STOMP reaches its handler with all its bytes, or gets an ERROR frame without one', async () => {
  let seen = '';
  const served = await open({
    stomp(socket) {
      socket.on('data', (chunk) => {
        seen += chunk.toString();
        if (seen.endsWith('\0')) socket.end('CONNECTED\n\n\0');
      });
    },
  });
  const client = await dial(served);
  client.write('CONN');
  await new Promise((resolve) => setImmediate(resolve));
  client.write('ECT\naccept-version:1.2\n\n\0');
  expect(await rest(client)).toBe('CONNECTED\n\n\0');
  expect(seen).toBe('CONNECT\naccept-version:1.2\n\n\0');

  const refused = await dial(await open());
  refused.write('CONNECT\naccept-version:1.2\n\n\0');
  expect(await rest(refused)).toMatch(/^ERROR\nmessage:STOMP is not served here.*\n\n\0$/);
});

test.each([
  ['\x16\x03\x01\x02\x00', 'tls'],
  ['{"jsonrpc":"2.0"}', 'unknown'],
])('%j is closed and logged', async (bytes, protocol) => {
  const { lines, log } = recorder();
  const socket = await dial(await open({ log }));
  socket.write(Buffer.from(bytes, 'latin1'));
  expect(await rest(socket)).toBe('');
  expect(lines).toMatchObject([{ protocol, address: '127.0.0.1' }]);
});

test('a client whose protocol is unknown is closed after ten seconds', async () => {
  const clock = new VirtualClock();
  const { lines, log } = recorder();
  const port = await open({ clock, log });
  const socket = await dial(port);
  // once a second connection has a reply, the server has accepted the first
  const other = await dial(port);
  other.write(post);
  await rest(other);
  const ended = rest(socket);
  await clock.advance(Milliseconds(10_000));
  expect(await ended).toBe('');
  expect(lines).toHaveLength(1);
});

const few = { places: 2, perPeer: 2 };

test('at the limit, the connection of unknown protocol that is silent for longest is closed', async () => {
  const { lines, log } = recorder();
  const port = await open({ limits: { 'arriving-local': few }, log });
  const first = await dial(port);
  const gone = rest(first);
  const second = await dial(port);
  const other = await dial(port);
  expect(await gone).toBe('');
  expect(lines).toMatchObject([{ address: '127.0.0.1', msg: expect.stringContaining('too many') }]);
  for (const socket of [second, other]) {
    socket.write(post);
    expect(await rest(socket)).toContain('http saw body');
  }
});

const ask = async (port: Port): Promise<string> => {
  const socket = await dial(port);
  socket.write(post);
  return rest(socket);
};

test('silent connections of this machine, before and after their protocol is known, let others in', async () => {
  const taken: Socket[] = [];
  const port = await open({
    limits: { 'arriving-local': few, local: few },
    stomp: (socket) => {
      taken.push(socket.on('error', () => undefined).resume());
    },
  });
  for (let i = 1; i <= 20; i++) {
    (await dial(port)).on('error', () => undefined).write('CONNECT\n');
    await until(() => taken.length === i);
    await dial(port);
  }
  expect(await ask(port)).toContain('http saw body');
  await until(() => taken.filter(({ destroyed }) => !destroyed).length <= few.places);
  for (const socket of taken) socket.destroy();
});

test('a client that polls over HTTP is kept before silent ones', async () => {
  const taken: Socket[] = [];
  const clock = new VirtualClock();
  const port = await open({
    clock,
    limits: { local: few },
    stomp: (socket) => taken.push(socket.on('error', () => undefined).resume()),
  });
  const polling = await dial(port);
  const poll = async (): Promise<string> => {
    polling.write('POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 4\r\n\r\nbody');
    const [reply] = (await once(polling, 'data')) as [Buffer];
    return reply.toString();
  };
  await poll();
  for (let i = 1; i <= 5; i++) {
    await clock.advance(Milliseconds(5000));
    await poll();
    await clock.advance(Milliseconds(5000));
    (await dial(port)).on('error', () => undefined).write('CONNECT\n');
    await until(() => taken.length === i);
  }
  expect(await poll()).toContain('http saw body');
  polling.destroy();
  for (const socket of taken) socket.destroy();
});

test('a connection does not wait until the users of others are known', async () => {
  const known: Socket[] = [];
  let first = true;
  const port = await open({
    userOf: () => {
      const isFirst = first;
      first = false;
      return isFirst ?
          new Promise(() => undefined)
        : Promise.resolve({ uid: 0, name: 'root', groups: [] });
    },
    admission: { ...openAdmission, dependsOnUser: true },
    stomp: (socket) => known.push(socket.on('error', () => undefined).resume()),
  });
  const sockets = [await dial(port), await dial(port)];
  for (const socket of sockets) socket.on('error', () => undefined).write('CONNECT\n');
  await until(() => known.length === 1);
  for (const socket of [...sockets, ...known]) socket.destroy();
});

test("root's connections keep their places, whatever other users of this machine do", async () => {
  const taken: Socket[] = [];
  const users = [{ uid: 0, name: 'root', groups: [] }];
  const port = await open({
    limits: { local: few },
    userOf: () =>
      Promise.resolve(users.pop() ?? { uid: 4_000_000_000, name: 'mallory', groups: [] }),
    stomp: (socket) => taken.push(socket.on('error', () => undefined).resume()),
  });
  for (let i = 1; i <= 6; i++) {
    (await dial(port)).on('error', () => undefined).write('CONNECT\n');
    await until(() => taken.length === i);
  }
  const [ofRoot, ...others] = taken;
  await until(() => others.filter(({ destroyed }) => !destroyed).length === few.places);
  expect(ofRoot?.destroyed).toBe(false);
  for (const socket of taken) socket.destroy();
});

needs('address')('connections from other machines', () => {
  test('do not take the places of this machine', async () => {
    const limits = { arriving: few, 'arriving-local': few };
    const port = await open({ endpoints: [{ host: '0.0.0.0', port: 0 }], limits });
    const [{ port: number } = { port: 0 }] = port.endpoints;
    const from = async (host = ''): Promise<Socket> => {
      const socket = connect(number, host);
      await once(socket, 'connect');
      return socket;
    };
    const own = [await from('127.0.0.1'), await from('127.0.0.1')];
    const strangers = [];
    for (let i = 0; i < 3; i++) strangers.push(await from(ownAddress()));
    expect(await rest(strangers[0] as Socket)).toBe('');
    for (const socket of own) {
      socket.write(post);
      expect(await rest(socket)).toContain('http saw body');
    }
    for (const socket of strangers) socket.destroy();
  });
});

test('localhost listens on both loopback addresses with one port', async () => {
  const { endpoints } = await open({ endpoints: [{ host: 'localhost', port: 0 }] });
  expect(endpoints[0]?.host).toBe('127.0.0.1');
  expect(new Set(endpoints.map(({ port }) => port)).size).toBe(1);
  if (endpoints.length > 1) expect(endpoints[1]?.host).toBe('::1');
});

test('an address in use or of another machine is reported with advice, and no port stays open', async () => {
  const [taken] = (await open()).endpoints;
  const free = { host: '127.0.0.1', port: 0 };
  await expect(open({ endpoints: taken ? [free, taken] : [] })).rejects.toThrow(
    /^127\.0\.0\.1, port \d+, is in use: end what listens there, perhaps another vmemd, or choose another port with --listen\.$/,
  );
  const elsewhere = open({ endpoints: [{ host: '2001:db8::1', port: 0 }] });
  await expect(elsewhere).rejects.toThrow(
    "2001:db8::1 is no address of this machine: choose another with --listen, or '[::]:54321' for all.",
  );
  await expect(open({ endpoints: [{ host: 'no.such.invalid', port: 0 }] })).rejects.toThrow(
    /^Cannot listen at no\.such\.invalid, port 0: .*(ENOTFOUND|EAI_AGAIN)/,
  );
});

test('closing closes connections of unknown protocol', async () => {
  const port = await open();
  const socket = await dial(port);
  const other = await dial(port);
  other.write(post);
  await rest(other);
  const ended = rest(socket);
  port.close();
  expect(await ended).toBe('');
  await expect(dial(port)).rejects.toThrow('ECONNREFUSED');
});
