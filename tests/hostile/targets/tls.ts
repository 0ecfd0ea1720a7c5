import { connect, type ConnectionOptions, type TLSSocket } from 'node:tls';
import { mutated } from '../mutate.ts';
import type { Random } from '../random.ts';
import { PATIENCE_MS, RawConnection } from '../service/rawConnection.ts';
import { Service } from '../service/service.ts';
import { someText } from '../text.ts';
import type { Target, Verdict } from '../target.ts';

type Input =
  /** Bytes that are no handshake, or the beginning of one. */
  | { readonly kind: 'bytes'; readonly pieces: readonly string[] }
  /** A whole handshake by a client that must not get in. */
  | { readonly kind: 'refused'; readonly certificate: string; readonly version: Version }
  /** A handshake by a client that may connect, and what it then sends. */
  | { readonly kind: 'inside'; readonly version: Version; readonly pieces: readonly string[] }
  | { readonly kind: 'renegotiation'; readonly times: number }
  /** A handshake that its client leaves after so many bytes of it have come. */
  | { readonly kind: 'left'; readonly after: number };

type Version = 'TLSv1.2' | 'TLSv1.3';

/** The first message of a client's handshake. */
export const CLIENT_HELLO = Buffer.from(
  'FgMBAWoBAAFmAwMVNLteLrULnh7tCSfhOjG6nYSpltqRR56vqj3WWZRMFyANSXtE9RqdKHZM2UNb3QvhZ4gSYUV6sdWm6juns8Cd/QB2EwITAxMB' +
    'wC/AK8AwwCwAnsAnAGfAKABrAKMAn8ypzKjMqsCvwK3Ao8CfwF3AYcBXwFMAosCuwKzAosCewFzAYMBWwFLAJABqwCMAQMAKwBQAOQA4wAnAEwAz' +
    'ADIAncChwJ3AUQCcwKDAnMBQAD0APAA1AC8A/wEAAKcAAAAOAAwAAAlsb2NhbGhvc3QACwAEAwABAgAKABYAFAAdABcAHgAZABgBAAEBAQIBAwEE' +
    'ACMAAAAWAAAAFwAAAA0AKgAoBAMFAwYDCAcICAgJCAoICwgECAUIBgQBBQEGAQMDAwEDAgQCBQIGAgArAAUEAwQDAwAtAAIBAQAzACYAJAAdACBi' +
    'eDxIsPi1Ha4lEVdmdcNCxxm5tKAZgk8h/rqLaez+RA==',
  'base64',
).toString('latin1');

const REFUSED = [
  'none',
  'of-another-ca',
  'self-signed',
  'expired',
  'not-yet-valid',
  'of-a-server',
  'of-a-leaf',
];
const VERSIONS: readonly Version[] = ['TLSv1.2', 'TLSv1.3'];
const HEALTH = 'GET /healthz HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n';

/** TLS: nothing but a handshake with a certificate of the CA gets in, and what is none takes nothing from others. */
export const tls: Target<Input> = {
  name: 'tls',
  weight: 8,
  make: (random) =>
    random.one<Input>(
      () => ({ kind: 'bytes', pieces: handshakeBytes(random) }),
      () => ({ kind: 'bytes', pieces: handshakeBytes(random) }),
      () => ({ kind: 'bytes', pieces: handshakeBytes(random) }),
      () => ({
        kind: 'refused',
        certificate: random.pick(REFUSED),
        version: random.pick(VERSIONS),
      }),
      () => ({ kind: 'inside', version: random.pick(VERSIONS), pieces: insideBytes(random) }),
      () => ({ kind: 'left', after: random.below(3000) }),
      () =>
        random.chance(0.2) ?
          { kind: 'renegotiation', times: 1 + random.below(6) }
        : { kind: 'left', after: 0 },
    ),
  async open({ isReplay }) {
    const service = await Service.open({ isWitnessed: !isReplay });
    const refused = service.pki.refused();
    const client: ConnectionOptions = {
      ...service.pki.client,
      checkServerIdentity: () => undefined,
    };
    return {
      width: 24,
      judge: (input) => service.fire(() => tried(input, { port: service.port, client, refused })),
      close: () => service.close(),
    };
  },
};

function handshakeBytes(random: Random): string[] {
  const record = (type: number, body: string): string =>
    String.fromCharCode(type, 3, random.pick([0, 1, 3, 4]), body.length >> 8, body.length & 0xff) +
    body;
  const noise = (): string => Buffer.from(someText(random)).toString('latin1').slice(0, 16_000);
  const first = random.one(
    () => CLIENT_HELLO,
    () => CLIENT_HELLO.slice(0, random.below(CLIENT_HELLO.length)),
    () => mutated(CLIENT_HELLO, random),
    () => mutated(CLIENT_HELLO, random),
    () => record(0x16, noise()),
    () => `\x16${noise()}`,
    () => record(0x16, '').repeat(random.below(50)),
  );
  const next = random.one(
    () => '',
    () => record(random.pick([20, 21, 22, 23, 24, 99]), noise()),
    () => record(20, '\x01').repeat(random.below(40)),
    () => record(21, '\x01\x00').repeat(random.below(40)),
    () => record(22, '\0\0\0\0').repeat(random.below(40)),
    () => mutated(CLIENT_HELLO, random),
  );
  return [first, next].filter((piece) => piece !== '');
}

const insideBytes = (random: Random): string[] =>
  random.one(
    () => [HEALTH],
    () => Array.from(HEALTH, (letter) => letter),
    () => [CLIENT_HELLO, HEALTH],
    () => [mutated(HEALTH, random)],
    () => [Buffer.from(someText(random)).toString('latin1')],
  );

interface World {
  readonly port: number;
  readonly client: ConnectionOptions;
  readonly refused: Readonly<Record<string, ConnectionOptions>>;
}

async function tried(input: Input, world: World): Promise<Verdict> {
  const { port, client, refused } = world;
  switch (input.kind) {
    case 'bytes': {
      const connection = await RawConnection.open(port);
      await connection.send(input.pieces);
      return (await connection.finish()) ?
          undefined
        : 'the connection was not closed after its client had ended';
    }
    case 'left': {
      const connection = await RawConnection.open(port);
      await connection.send([CLIENT_HELLO]);
      await connection.until(
        () => connection.received.length >= input.after || connection.isClosed,
        50,
      );
      connection.destroy();
      return undefined;
    }
    case 'refused': {
      const received = await exchanged(
        port,
        { ...refused[input.certificate], ...only(input.version) },
        [HEALTH],
      );
      return received === '' ? undefined : (
          `a client with the certificate ${input.certificate} got ${received}`
        );
    }
    case 'inside': {
      const received = await exchanged(port, { ...client, ...only(input.version) }, input.pieces);
      const isSound = input.pieces.join('') === HEALTH;
      const isAnswered = received?.startsWith('HTTP/1.1 200 OK') === true;
      if (isSound && !isAnswered) return `a client with a certificate got ${String(received)}`;
      return received === undefined ?
          'the connection was not closed after its client had ended'
        : undefined;
    }
    case 'renegotiation':
      return renegotiated(port, { ...client, ...only('TLSv1.2') }, input.times);
  }
}

const only = (version: Version): ConnectionOptions => ({
  minVersion: version,
  maxVersion: version,
});

/** Returns what comes until vmemd closes the connection; undefined if it does not. */
async function exchanged(
  port: number,
  options: ConnectionOptions,
  pieces: readonly string[],
): Promise<string | undefined> {
  const socket = connect({
    port,
    host: '127.0.0.1',
    ...options,
    checkServerIdentity: () => undefined,
  });
  let received = '';
  socket
    .on('error', () => undefined)
    .on('data', (chunk: Buffer) => {
      received += chunk.toString('latin1');
    });
  socket.once('secureConnect', () => {
    for (const piece of pieces) socket.write(Buffer.from(piece, 'latin1'));
    socket.end();
  });
  return (await closed(socket)) ? received : undefined;
}

async function renegotiated(
  port: number,
  options: ConnectionOptions,
  times: number,
): Promise<Verdict> {
  const socket = connect({ port, host: '127.0.0.1', ...options });
  socket.on('error', () => undefined).resume();
  let left = times;
  const again = (): void => {
    if (left-- === 0 || socket.destroyed) socket.end();
    else socket.renegotiate({ rejectUnauthorized: false }, again);
  };
  socket.once('secureConnect', again);
  // a client that waits for an answer to its wish leaves
  setTimeout(() => socket.end(), 300).unref();
  return (await closed(socket)) ? undefined : 'a connection that negotiates again was not closed';
}

function closed(socket: TLSSocket): Promise<boolean> {
  return new Promise((resolve) => {
    const timer = setTimeout(() => {
      resolve(false);
      socket.destroy();
    }, PATIENCE_MS);
    socket.once('close', () => {
      clearTimeout(timer);
      resolve(true);
    });
  });
}
