import { Duplex } from 'node:stream';
import { connect, type SecureContext, TLSSocket } from 'node:tls';

const TIMEOUT_MS = 10_000;

/**
 * Performs a handshake within this process, of a server with this context and a client that trusts `ca`. Rejects with the
 * reason of the first side that refuses: a purpose or a key that OpenSSL does not accept shows only there.
 */
export async function trialHandshake(secureContext: SecureContext, ca: Buffer): Promise<void> {
  const [near, far] = duplexPair();
  const server = new TLSSocket(far, { isServer: true, secureContext });
  // the name is the client's concern
  const client = connect({ socket: near, ca, checkServerIdentity: () => undefined });
  let timer: NodeJS.Timeout | undefined;
  try {
    await new Promise<void>((resolve, reject) => {
      timer = setTimeout(() => {
        reject(new Error('a handshake with them does not end'));
      }, TIMEOUT_MS);
      server.on('error', reject);
      client.on('error', reject).once('secureConnect', resolve);
    });
  } finally {
    clearTimeout(timer);
    client.destroy();
    server.destroy();
  }
}

/** Returns two streams, each of which reads what is written to the other. */
function duplexPair(): [Duplex, Duplex] {
  const end = (other: () => Duplex): Duplex =>
    new Duplex({
      read: () => undefined,
      write(chunk, _, done) {
        other().push(chunk);
        done();
      },
      final(done) {
        other().push(null);
        done();
      },
    });
  const first: Duplex = end(() => second);
  const second: Duplex = end(() => first);
  return [first, second];
}
