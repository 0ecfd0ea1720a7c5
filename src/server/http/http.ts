import {
  createServer,
  IncomingMessage,
  type Server,
  type ServerResponse,
  STATUS_CODES,
} from 'node:http';
import type { Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { TLSSocket } from 'node:tls';
import type { Logger } from 'pino';
import type { AccessClass } from '../../access/accessClass.ts';
import type { Grant } from '../../access/grant.ts';
import type { Clock } from '../../common/clock.ts';
import { endWith } from '../limits/endWith.ts';
import { compressed } from './encoding.ts';
import type { OriginPolicy } from './originPolicy.ts';
import { isFromOwnPage } from './ownPage.ts';
import { type Page, plain } from './page.ts';
import type { Responses } from './responses.ts';
import { refuseHost, toOriginForm } from './target.ts';

/** Resources that accept bodies and methods other than GET. */
export interface Api {
  /** The path that they are below. */
  readonly path: string;
  /** Returns undefined if the request is for none of them. */
  handle(request: IncomingMessage, sender: Sender): Promise<Page> | undefined;
}

/** Who sends a request on a connection that may do something. */
export interface Sender {
  readonly access: AccessClass;
  /** Whether it is the page in a browser. */
  readonly isDashboard: boolean;
}

/** Pages that only browsers request. */
export interface BrowserPages {
  /** Returns undefined if the request is for none of them. */
  handle(request: IncomingMessage): Promise<Page | undefined> | undefined;
}

export interface HttpOptions {
  readonly originPolicy: OriginPolicy;
  /** Returns what a connection may do. */
  readonly grantOf: (socket: Socket) => Grant;
  readonly log: Logger;
  readonly clock: Clock;
  /** Gets each response when its request arrives. */
  readonly responses: Responses;
  /** GET pages by path, besides the help at `/`; also for connections that may do nothing else. */
  readonly pages: Readonly<Record<string, () => Page | Promise<Page>>>;
  readonly api?: Api;
  /** Pages for browsers, of connections that may do something. */
  readonly dashboard?: BrowserPages | undefined;
  /** Whether the page in a browser may do what its connection may do; otherwise it only reads. */
  readonly dashboardActs?: boolean;
  /** Gets upgrades to WebSocket with an allowed host, origin and path, of connections that may do something. */
  readonly upgrade: Upgrade;
}

export type Upgrade = (
  request: IncomingMessage,
  connection: Sender & { readonly socket: Duplex; readonly head: Buffer },
) => void;

/** Creates an HTTP server that does not listen; it gets connections by `emit('connection', socket)`. */
export function createHttp(options: HttpOptions): Server {
  const { originPolicy, log, clock, responses, upgrade } = options;
  const server = createServer({
    headersTimeout: 10_000,
    requestTimeout: 30_000,
    connectionsCheckingInterval: 5000,
    IncomingMessage: UpgradeOnlyToWebSocket,
  });
  server.on('request', (request, response) => {
    toOriginForm(request);
    const complete = responses.begin(request.socket, response);
    respond(request, options)
      .then((page) => compressed(page, request))
      .catch((err: unknown) => {
        log.error({ event: 'bug', err }, 'a page failed unexpectedly');
        return plain(500, 'This page failed; the reason is in the log of vmemd.');
      })
      .then((page) => {
        complete();
        write(request, response, page);
      })
      .catch((err: unknown) => {
        log.debug({ err }, 'an HTTP client disconnected before its response');
      });
  });
  server.on('checkContinue', continuing(server));
  server.on('upgrade', (request, socket, head) => {
    toOriginForm(request);
    const grant = options.grantOf(request.socket);
    const page = refuseUpgrade(request, originPolicy);
    if (page) refuse(socket, page, clock);
    else if ('refusal' in grant) refuse(socket, plain(403, grant.refusal), clock);
    else upgrade(request, { socket, head, ...senderOf(request, grant.access, options) });
  });
  // without a listener Node closes the connection without a response
  server.on('connect', (_, socket: Duplex) => {
    refuse(socket, plain(405, 'This is no proxy.'), clock);
  });
  // node checks the timeouts of headers and requests only after this event
  server.emit('listening');
  return server;
}

/** Sends "100 Continue", but not to a pipelined request: Node would write it into the response of the request before. */
const continuing =
  (server: Server) =>
  (request: IncomingMessage, response: ServerResponse): void => {
    if (response.socket) response.writeContinue();
    server.emit('request', request, response);
  };

/**
 * A request that upgrades to WebSocket or not at all. Node would take any Upgrade header for an upgrade, although the
 * HTTP clients of Java and curl offer HTTP/2 (`h2c`) with plain requests, and expect a plain response.
 */
class UpgradeOnlyToWebSocket extends IncomingMessage {
  // no initial value: the constructor of the base class sets it before that
  declare requestsUpgrade: boolean | null;

  get upgrade(): boolean | null {
    if (this.requestsUpgrade !== true) return this.requestsUpgrade;
    return this.method === 'CONNECT' || /\bwebsocket\b/i.test(this.headers.upgrade ?? '');
  }

  set upgrade(isUpgrade: boolean | null) {
    this.requestsUpgrade = isUpgrade;
  }
}

/** Returns who sends a request on a connection of class `access`. */
function senderOf(
  request: IncomingMessage,
  access: AccessClass,
  { dashboardActs = false }: HttpOptions,
): Sender {
  const isDashboard = isFromOwnPage(request);
  return { isDashboard, access: isDashboard && !dashboardActs ? 'read' : access };
}

async function respond(request: IncomingMessage, options: HttpOptions): Promise<Page> {
  const { originPolicy, responses, api, dashboard, grantOf } = options;
  if (responses.areTooMany(request.socket)) return tooManyRequests;
  const refusal = refuseHost(request, originPolicy);
  if (refusal) return refusal;
  const grant = grantOf(request.socket);
  if ('refusal' in grant) return (await openPage(request, options)) ?? plain(403, grant.refusal);
  const page =
    api?.handle(request, senderOf(request, grant.access, options)) ??
    openPage(request, options) ??
    (await dashboard?.handle(request));
  return page ?? noPage(request, options);
}

/** Returns the help at `/`, and elsewhere what there is instead. */
function noPage(request: IncomingMessage, { pages, api }: HttpOptions): Page {
  if (!isRead(request)) {
    return plain(405, 'Only GET is served here; use JSON-RPC over WebSocket.');
  }
  const places = [...Object.keys(pages), ...(api ? [api.path] : [])];
  if (pathOf(request) === '/') return help(request, places);
  return plain(404, `There is no page here; the pages are /, ${places.join(', ')}.`);
}

/** Returns a page that everybody may read; undefined if the request is for none. */
function openPage(
  request: IncomingMessage,
  { pages }: HttpOptions,
): Page | Promise<Page> | undefined {
  const path = pathOf(request);
  return isRead(request) && Object.hasOwn(pages, path) ? pages[path]?.() : undefined;
}

const pathOf = ({ url }: IncomingMessage): string => url?.split('?', 1)[0] ?? '/';

const isRead = ({ method }: IncomingMessage): boolean => method === 'GET' || method === 'HEAD';

const tooManyRequests = plain(
  503,
  'Too many requests of this connection have no response yet; wait for some.',
);

function help(request: IncomingMessage, pages: readonly string[]): Page {
  const { host = 'localhost' } = request.headers;
  const isEncrypted = request.socket instanceof TLSSocket;
  const certificates = isEncrypted ? ' --pki FOLDER' : '';
  const words = [
    'This is vmemd. On this port it speaks',
    `JSON-RPC 2.0 over WebSocket:

  vmemctl --host ${isEncrypted ? 'wss' : 'ws'}://${host}${certificates} call rpc.discover`,
    `JSON-RPC 2.0 over STOMP 1.2, as VDSM does:

  vdsm-client${isEncrypted ? '' : ' --insecure'} -p ${String(request.socket.localPort ?? 54321)} Host getVMList`,
    `Pages: ${pages.join(', ')}`,
  ];
  return plain(200, words.join('\n\n'));
}

function write(request: IncomingMessage, response: ServerResponse, page: Page): void {
  response.writeHead(page.status, {
    ...(page.status === 304 ? {} : describe(page)),
    'x-content-type-options': 'nosniff',
    ...page.headers,
    // closing is cheaper than receiving a body that no handler has read
    ...(request.complete || isRead(request) ? {} : { connection: 'close' }),
  });
  response.end(request.method === 'HEAD' ? undefined : page.body);
}

const describe = ({ type, body }: Page) => ({
  'content-type': type,
  'content-length': Buffer.byteLength(body),
});

function refuseUpgrade(request: IncomingMessage, originPolicy: OriginPolicy): Page | undefined {
  const refusal = refuseHost(request, originPolicy);
  if (refusal) return refusal;
  const { headers, url } = request;
  if (!originPolicy.allowsOrigin(headers.origin, headers.host)) {
    return plain(403, 'Pages of this Origin may not connect: add it to [rpc] allowed_origins.');
  }
  const path = url?.split('?', 1)[0];
  return path === '/' ? undefined : plain(404, 'WebSocket is served at /.');
}

/** Responds to an upgrade with a page and closes the connection. */
export function refuse(
  socket: Duplex,
  { status, type, body, headers = {} }: Page,
  clock: Clock,
): void {
  const more = Object.entries(headers).map(([name, value]) => `${name}: ${value}\r\n`);
  const head =
    `HTTP/1.1 ${String(status)} ${STATUS_CODES[status] ?? ''}\r\nConnection: close\r\n${more.join('')}` +
    `Content-Type: ${type}\r\nContent-Length: ${String(Buffer.byteLength(body))}\r\n\r\n`;
  endWith(socket, `${head}${String(body)}`, clock);
}
