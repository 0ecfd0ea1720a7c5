import type { IncomingMessage } from 'node:http';
import { WebSocket, WebSocketServer } from 'ws';
import { type Page, plain } from '../http/page.ts';

const MiB = 1024 * 1024;
const STOMP = 'v12.stomp';
/** More bytes than the head of a STOMP frame may have. */
const MAX_HEAD = MiB;

/** What is spoken in a WebSocket's messages. */
export interface Subprotocol {
  /** Performs the handshake. */
  readonly server: WebSocketServer;
  /** The reason that a client gets for closing if its message is too long. */
  readonly tooLong: string;
}

/** JSON-RPC in messages of at most `maxMessage` bytes, without a subprotocol. */
export const jsonOverWebSocket = (maxMessage: number): Subprotocol =>
  subprotocol(undefined, maxMessage, tooLong(maxMessage, 'max_message_bytes'));

/** STOMP frames with bodies of at most `maxFrame` bytes, in any messages. */
export const stompOverWebSocket = (maxFrame: number): Subprotocol =>
  subprotocol(STOMP, maxFrame + MAX_HEAD, tooLong(maxFrame, 'max_frame_bytes'));

const tooLong = (bytes: number, key: string): string =>
  `a message may have ${String(bytes)} bytes ([rpc] ${key})`;

/** Returns whether a client offers to speak STOMP; it may offer other versions, too. */
export const offersStomp = ({ headers }: IncomingMessage): boolean =>
  (headers['sec-websocket-protocol'] ?? '').split(',').some((each) => each.trim() === STOMP);

const VERSION = '13';

/** Returns whether a client uses the version of RFC 6455, 13. The library ws also accepts version 8, a draft. */
export const hasVersion = ({ headers }: IncomingMessage): boolean =>
  headers['sec-websocket-version'] === VERSION;

export const wrongVersion: Page = {
  ...plain(426, `Only version ${VERSION} of WebSocket is served.`),
  headers: { 'Sec-WebSocket-Version': VERSION },
};

function subprotocol(name: string | undefined, maxPayload: number, tooLong: string): Subprotocol {
  const server = new WebSocketServer({
    noServer: true,
    clientTracking: false,
    maxPayload,
    maxFragments: 64,
    // more than the longest message has network packets of 1.4 kB
    maxBufferedChunks: Math.max(8192, Math.ceil(maxPayload / 1024)),
    perMessageDeflate: false,
    // by default ws agrees to the first that a client offers
    handleProtocols: () => name ?? false,
    WebSocket: withReason(tooLong),
  });
  return { server, tooLong };
}

const TOO_LONG = 1009;

/** Returns a WebSocket class that gives the reason when ws closes one for a message that is too long. */
const withReason = (reason: string): typeof WebSocket =>
  class extends WebSocket {
    override close(code?: number, given?: string | Buffer): void {
      super.close(code, given ?? (code === TOO_LONG ? reason : undefined));
    }
  };
