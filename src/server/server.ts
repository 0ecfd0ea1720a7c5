import type { Socket } from 'node:net';
import type { Logger } from 'pino';
import {
  type AccessSettings,
  dependsOnUser,
  type Grant,
  grantCertificate,
  grantUser,
} from '../access/grant.ts';
import type { Clock } from '../common/clock.ts';
import { distinct, endpointText, readEndpoint } from '../common/endpoint.ts';
import { sampledLog } from '../jsonrpc/sampledLog.ts';
import { Milliseconds } from '../common/units.ts';
import type { Call } from '../jsonrpc/call.ts';
import type { Dispatch } from '../jsonrpc/dispatch.ts';
import type { EventBus } from '../jsonrpc/eventBus.ts';
import { Dashboard } from './dashboard/dashboard.ts';
import { createHttp } from './http/http.ts';
import type { Page } from './http/page.ts';
import { createOriginPolicy, type OriginPolicyOptions } from './http/originPolicy.ts';
import { Responses } from './http/responses.ts';
import { InFlight } from './limits/inFlight.ts';
import { certificateNames } from './peer/certificateNames.ts';
import { LocalUsers, type UserOf } from './peer/localUsers.ts';
import type { Endpoint } from './port/listen.ts';
import { type Accept, type Admission, openPort } from './port/port.ts';
import type { UnixSocket } from './port/unixSocket.ts';
import { Rest } from './rest/rest.ts';
import { StompEndpoint } from './stomp/endpoint.ts';
import { offerTls } from './tls/offer.ts';
import { WebSocketEndpoint } from './websocket/websocket.ts';

/** How long running requests may take after the server starts to close. */
const CLOSE_DEADLINE = Milliseconds(5000);
/** How long they may then wait for the name of their user, which only the log has. */
const USER_DEADLINE = Milliseconds(1000);

export interface ServerOptions {
  readonly call: Call;
  readonly dispatch: Dispatch;
  readonly events: EventBus;
  readonly log: Logger;
  readonly clock: Clock;
  /** Called for each client that is turned away, with one of the reasons in limits/turnedAway.ts. */
  readonly onTurnedAway?: (reason: string) => void;
  /** Names or addresses to listen on; those without a port of their own with `port`. */
  readonly addresses: readonly string[];
  readonly port: number;
  /** Whether other machines must use TLS; if off, every client may connect without. */
  readonly ssl: boolean;
  /** Folder of the certificates, in VDSM's layout. */
  readonly pkiPath: string;
  readonly verifyClient: boolean;
  /** The rules by which clients get their access class. */
  readonly access: AccessSettings;
  /** A unix socket to listen on too. */
  readonly unixSocket: UnixSocket | undefined;
  /** Hosts and origins allowed besides the names in our certificate. */
  readonly originPolicy: Omit<OriginPolicyOptions, 'isOwnName'>;
  /** Bytes of one WebSocket message. */
  readonly maxMessage: number;
  /** Bytes of the body of one STOMP frame. */
  readonly maxFrame: number;
  /** Bytes buffered for a client that does not read; beyond that it is disconnected. */
  readonly maxUnread: number;
  /** The page for browsers: the folder of the built page, or undefined for none. */
  readonly dashboard: {
    readonly folder: string | undefined;
    /** Whether it may do what its connection may do; otherwise it only reads. */
    readonly actions: boolean;
  };
  /** GET pages by path. */
  readonly pages: Readonly<Record<string, () => Page | Promise<Page>>>;
  /** By the kernel unless given. */
  readonly userOf?: UserOf;
}

/** The port, which serves STOMP, HTTP with REST, and WebSocket, plain or in TLS. */
export interface Server {
  readonly endpoints: readonly Endpoint[];
  /** Returns when the certificate shown to clients expires; undefined without TLS. */
  certificateExpiry(): Date | undefined;
  /** Reads the certificates again. */
  reload(): Promise<void>;
  /** Accepts no further connections and requests; fulfils when running requests have ended, or after 5 s. */
  close(): Promise<void>;
}

/** Opens the port; throws if it cannot listen on an address, or if TLS is required and has no certificates. */
export async function openServer(given: ServerOptions): Promise<Server> {
  const options = { ...given, log: sampledLog(given.log, given.clock, given.onTurnedAway) };
  const { log, clock, ssl, addresses, port, pkiPath: folder, verifyClient } = options;
  const { kept: endpoints, dropped } = distinct(addresses.map((each) => readEndpoint(each, port)));
  for (const { endpoint, by } of dropped) {
    log.warn(`${endpointText(endpoint)} is left out: ${endpointText(by)} serves it too`);
  }
  const hosts = endpoints.map(({ host }) => host);
  const tls = await offerTls({ log, clock, ssl, addresses: hosts, folder, verifyClient });
  const isOwnName = (name: string): boolean => tls?.isNamed(name) ?? false;
  const users = new LocalUsers(options.userOf);
  const served = protocols({ ...options, userOf: users.of }, isOwnName);
  try {
    const opened = await openPort({
      log,
      clock,
      endpoints,
      unixSocket: options.unixSocket,
      http: served.acceptHttp,
      stomp: served.acceptStomp,
      tls,
      admission: admissionBy(options.access),
      userOf: users.of,
      // with ssl off, the configuration requires --insecure-listen
      ...(ssl ? {} : { allowsPlain: () => true }),
    });
    return {
      endpoints: opened.endpoints,
      certificateExpiry: () => tls?.certificateExpiry(),
      reload: async () => tls?.reload(),
      async close() {
        opened.close();
        tls?.close();
        await finish(served, users, clock);
      },
    };
  } catch (error) {
    tls?.close();
    throw error;
  }
}

/** Accepts no further requests, and waits for running ones. */
async function finish(served: Served, users: LocalUsers, clock: Clock): Promise<void> {
  const { websocket, stomp, rest, requests, http } = served;
  const cancel = clock.after(USER_DEADLINE, () => {
    users.endWaits();
  });
  await Promise.all([
    ...[websocket, stomp, rest].map((each) => each.close(CLOSE_DEADLINE)),
    requests.drain(clock, CLOSE_DEADLINE),
  ]);
  cancel();
  http.closeAllConnections();
}

const admissionBy = (settings: AccessSettings): Admission => ({
  dependsOnUser: dependsOnUser(settings),
  local: (user) => grantUser(user, settings),
  certificate: (socket) => grantCertificate(certificateNames(socket), settings),
  unixSocket: { access: settings.unixSocket },
  // with ssl off, the configuration requires --insecure-listen
  plain: { access: 'admin' },
});

const dashboardOf = ({ folder, actions }: ServerOptions['dashboard']) => ({
  dashboard: folder === undefined ? undefined : new Dashboard(folder),
  dashboardActs: actions,
});

const UNDECIDED: Grant = { refusal: 'It is not decided what this connection may do.' };

type Served = ReturnType<typeof protocols>;

function protocols(
  options: ServerOptions & { readonly userOf: UserOf },
  isOwnName: (name: string) => boolean,
) {
  const grants = new WeakMap<Socket, Grant>();
  const { pages, maxMessage, maxFrame, ...common } = options;
  const originPolicy = createOriginPolicy({ ...options.originPolicy, isOwnName });
  const { call, dispatch, events, log, clock, maxUnread, userOf } = common;
  // also those whose client has left, for whom no connection waits
  const requests = new InFlight();
  const shared = { dispatch, requests, events, log, clock, maxUnread, userOf };
  const stomp = new StompEndpoint({ ...shared, maxMessage: maxFrame });
  const websocket = new WebSocketEndpoint({
    ...{ ...shared, maxMessage, maxFrame },
    stomp: (stream, client) => {
      stomp.acceptMessages(stream, client);
    },
  });
  const responses = new Responses(clock);
  const rest = new Rest({ call, originPolicy, responses, log, clock, userOf });
  const http = createHttp({
    originPolicy,
    log,
    clock,
    responses,
    pages,
    api: rest,
    ...dashboardOf(options.dashboard),
    grantOf: (socket) => grants.get(socket) ?? UNDECIDED,
    upgrade: websocket.upgrade,
  });
  const acceptHttp: Accept = (socket, grant) => {
    grants.set(socket, grant);
    http.emit('connection', socket);
  };
  const acceptStomp: Accept = (socket, grant) => {
    if ('access' in grant) stomp.accept(socket, grant.access);
  };
  return { stomp, websocket, http, rest, requests, acceptHttp, acceptStomp };
}
