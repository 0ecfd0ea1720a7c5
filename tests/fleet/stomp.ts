import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { connect, type TLSSocket } from 'node:tls';
import { clientFiles } from './certificates.ts';

const RESPONSES = 'jms.topic.vdsm_responses';
const EVENTS = 'jms.queue.events';
/** What the engine asks for, in ms, and how long it then bears silence. */
const HEARTBEAT = 15_000;
const SILENCE = 22_500;
const CONNECT_TIMEOUT = 20_000;

interface Listener {
  readonly onMessage: (body: string) => void;
  readonly onHeartbeat: () => void;
  readonly onEnd: (reason: string) => void;
}

const frame = (command: string, headers: readonly string[], body = ''): string =>
  `${command}\n${headers.join('\n')}\n\n${body}\0`;

/** A connection as ovirt-engine's client makes it: its frames in its order, its heart-beats, its limit of silence. */
export class StompConnection {
  readonly #socket: TLSSocket;
  #held = Buffer.alloc(0);

  private constructor(socket: TLSSocket, { onMessage, onHeartbeat, onEnd }: Listener) {
    this.#socket = socket;
    socket.setTimeout(SILENCE, () => socket.destroy(new Error('Heartbeat exceeded')));
    socket.on('data', (chunk: Buffer) => {
      this.#read(chunk, onMessage, onHeartbeat);
    });
    let reason = 'the connection ended';
    socket.on('error', (error: Error) => {
      reason = error.message;
    });
    socket.once('close', () => onEnd(reason));
    socket.write(
      frame('CONNECT', ['accept-version:1.2', 'host:null', `heart-beat:0,${String(HEARTBEAT)}`]),
    );
    for (const destination of [EVENTS, RESPONSES]) {
      const id = crypto.randomUUID();
      socket.write(frame('SUBSCRIBE', [`destination:${destination}`, `id:${id}`, 'ack:auto']));
    }
  }

  /** Connects with a client certificate; throws if that fails. */
  static async open(
    { host, port, pki }: { readonly host: string; readonly port: number; readonly pki: string },
    listener: Listener,
  ): Promise<StompConnection> {
    const { ca, cert, key } = clientFiles(pki);
    const [caText, certText, keyText] = [ca, cert, key].map((file) => readFileSync(file, 'utf8'));
    // the engine does not compare names
    const options = {
      ca: caText,
      cert: certText,
      key: keyText,
      checkServerIdentity: () => undefined,
    };
    const socket = connect({ host, port, ...options });
    await once(socket, 'secureConnect', { signal: AbortSignal.timeout(CONNECT_TIMEOUT) }).catch(
      (error: unknown) => {
        socket.on('error', () => undefined).destroy();
        throw error;
      },
    );
    return new StompConnection(socket, listener);
  }

  /** Bytes sent and received, with those of TLS. */
  get bytes(): number {
    return this.#socket.bytesRead + this.#socket.bytesWritten;
  }

  send(body: string): void {
    const headers = ['destination:jms.topic.vdsm_requests', `reply-to:${RESPONSES}`];
    headers.push(`content-length:${String(Buffer.byteLength(body))}`);
    this.#socket.write(frame('SEND', headers, body));
  }

  close(): void {
    this.#socket.destroy();
  }

  #read(chunk: Buffer, onMessage: (body: string) => void, onHeartbeat: () => void): void {
    this.#held = Buffer.concat([this.#held, chunk]);
    for (;;) {
      let start = 0;
      while (this.#held[start] === 10) start += 1;
      if (start > 0 && start === this.#held.length) onHeartbeat();
      this.#held = this.#held.subarray(start);
      const head = this.#held.indexOf('\n\n');
      if (head < 0) return;
      const length = /\ncontent-length:(\d+)/.exec(this.#held.toString('latin1', 0, head))?.[1];
      const end = length === undefined ? this.#held.indexOf(0, head) : head + 2 + Number(length);
      if (end < 0 || this.#held.length <= end) return;
      if (this.#held.toString('latin1', 0, 7) === 'MESSAGE') {
        onMessage(this.#held.toString('utf8', head + 2, end));
      }
      this.#held = this.#held.subarray(end + 1);
    }
  }
}
