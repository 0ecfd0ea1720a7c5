import type { IncomingMessage } from 'node:http';
import type { Socket } from 'node:net';
import type { Logger } from 'pino';
import type { Clock } from '../../common/clock.ts';
import type { Milliseconds } from '../../common/units.ts';
import type { Call } from '../../jsonrpc/call.ts';
import type { Caller } from '../../jsonrpc/request.ts';
import type { Api, Sender } from '../http/http.ts';
import type { Page } from '../http/page.ts';
import type { OriginPolicy } from '../http/originPolicy.ts';
import type { Responses } from '../http/responses.ts';
import { clientOf } from '../peer/client.ts';
import type { UserOf } from '../peer/localUsers.ts';
import { type Body, discard, emptyBody, parseBody, readBody } from './body.ts';
import { Fault } from './fault.ts';
import { formatOf, formatWanted } from './negotiate.ts';
import { type Format, MEDIA_TYPES, representationOf } from './representation.ts';
import { type Refused, refusalAudit } from './refusalAudit.ts';
import type { Resource, RestResponse } from './resource.ts';
import { resourceAt, type Target, targetOf } from './route.ts';
import { signOn, ssoAt } from './sso.ts';
import { createVerbClient, type VerbClient } from './verbClient.ts';

export interface RestOptions {
  readonly call: Call;
  readonly originPolicy: OriginPolicy;
  readonly responses: Pick<Responses, 'drain'>;
  readonly log: Logger;
  readonly clock: Clock;
  readonly userOf?: UserOf;
}

/** VMs and their memory as resources of oVirt's REST API, implemented by verbs. */
export class Rest implements Api {
  readonly path = '/api';
  readonly #options: RestOptions;
  readonly #audit: (refused: Refused) => Promise<void>;
  /** Of the page in a browser, and of other clients. */
  readonly #callers = { page: new WeakMap<Socket, Caller>(), other: new WeakMap<Socket, Caller>() };
  #closing = false;

  constructor(options: RestOptions) {
    this.#options = options;
    this.#audit = refusalAudit(options.log, options.clock);
  }

  handle(request: IncomingMessage, sender: Sender): Promise<Page> | undefined {
    const url = request.url ?? '';
    const [target, sso] = [targetOf(url), ssoAt(url)];
    return (
      target ? this.#respond(target, request, sender)
      : sso ? signOn(sso, request)
      : undefined
    );
  }

  /** Accepts no further requests; fulfils when no response is under way, or when `deadline` has passed. */
  async close(deadline: Milliseconds): Promise<void> {
    this.#closing = true;
    await this.#options.responses.drain(deadline);
  }

  async #respond(target: Target, request: IncomingMessage, sender: Sender): Promise<Page> {
    const otherwise = formatOf(request.headers['content-type']) ?? 'xml';
    const format = formatWanted(request.headers.accept, otherwise);
    const attempt: Attempt = { target, request, caller: this.#callerOf(request, sender) };
    const response = await this.#response(attempt, format);
    const isRefused = (response.status ?? 200) >= 400 && !isRead(request);
    if (isRefused && attempt.isAudited !== true) {
      await this.#audit({
        ...attempt,
        peer: attempt.caller.peer,
        flowId: flowIdOf(attempt),
        response,
      });
    }
    return pageOf(response, format ?? otherwise);
  }

  async #response(attempt: Attempt, format: Format | undefined): Promise<RestResponse> {
    const { request } = attempt;
    try {
      if (this.#closing) throw STOPPING;
      if (!format)
        throw new Fault(
          406,
          'Responses are application/xml or application/json; accept one of them.',
        );
      return await this.#call(attempt);
    } catch (error) {
      if (!(error instanceof Fault)) throw error;
      await discard(request);
      const { status, headers, members } = error;
      return { status, headers, root: 'fault', members };
    }
  }

  async #call(attempt: Attempt): Promise<RestResponse> {
    const { target, request } = attempt;
    refuseOtherVersions(request);
    const { GET, PUT, POST } = resourceAt(target);
    const { method } = request;
    const restRequest = { ...target, call: this.#verbClient(attempt) };
    if (GET && isRead(request)) return GET(restRequest);
    const change = {
      ...restRequest,
      prefersAsync: isAsyncPreferred(request),
      isSdk: isSdk(request),
    };
    if (PUT && method === 'PUT') {
      return PUT({ ...change, body: await this.#readBody(request, 'vm') });
    }
    if (POST && method === 'POST') {
      return POST({ ...change, body: await this.#readBody(request, 'action') });
    }
    const allow = methodsOf({ GET, PUT, POST });
    throw new Fault(405, `Use ${allow} here.`, { headers: { allow } });
  }

  async #readBody(request: IncomingMessage, name: 'vm' | 'action'): Promise<Body> {
    const { origin, host, 'content-type': type } = request.headers;
    if (!this.#options.originPolicy.allowsOrigin(origin, host)) {
      const advice = 'add it to [rpc] allowed_origins';
      throw new Fault(403, `Pages of this Origin may not change anything: ${advice}.`);
    }
    // an action without parameters may come without a body, and then without a type
    if (name === 'action' && isWithoutBody(request)) return emptyBody;
    const format = formatOf(type);
    if (!format) {
      const is = (type ?? 'of no Content-Type').slice(0, 100);
      throw new Fault(
        415,
        `The body is ${is}; give application/xml or application/json, in UTF-8.`,
      );
    }
    return parseBody(await readBody(request), format, name);
  }

  #verbClient(attempt: Attempt): VerbClient {
    const origin = { caller: attempt.caller, flowId: flowIdOf(attempt) };
    return createVerbClient(this.#options.call, origin, () => (attempt.isAudited = true));
  }

  #callerOf({ socket }: IncomingMessage, sender: Sender): Caller {
    const callers = this.#callers[sender.isDashboard ? 'page' : 'other'];
    const caller = callers.get(socket) ?? callerAt(socket, sender, this.#options.userOf);
    callers.set(socket, caller);
    return caller;
  }
}

/** A request under way. */
interface Attempt {
  readonly target: Target;
  readonly request: IncomingMessage;
  readonly caller: Caller;
  /** Whether a verb has written the line about its failure. */
  isAudited?: boolean;
}

function flowIdOf({ target, request }: Attempt): string | undefined {
  const header = request.headers['correlation-id'];
  return target.query.get('correlation_id') ?? (typeof header === 'string' ? header : undefined);
}

const isRead = ({ method }: IncomingMessage): boolean => method === 'GET' || method === 'HEAD';

const methodsOf = ({
  GET,
  PUT,
  POST,
}: { readonly [M in keyof Resource]: Resource[M] | undefined }): string =>
  [...(GET ? ['GET', 'HEAD'] : []), ...(PUT ? ['PUT'] : []), ...(POST ? ['POST'] : [])].join(', ');

const isWithoutBody = ({ headers }: IncomingMessage): boolean =>
  Number(headers['content-length'] ?? 0) === 0 && headers['transfer-encoding'] === undefined;

const isAsyncPreferred = ({ headers: { prefer = '' } }: IncomingMessage): boolean =>
  String(prefer)
    .split(/[,;]/)
    .some((preference) => preference.trim().toLowerCase() === 'respond-async');

/** Whether the client is one of oVirt's SDKs, which name themselves as `PythonSDK/4.6.3`. */
const isSdk = ({ headers }: IncomingMessage): boolean =>
  /^\w+SDK\//.test(headers['user-agent'] ?? '');

/** Throws a {@link Fault} if the client wants another version of oVirt's API than 4, which is the only one. */
function refuseOtherVersions({ headers: { version } }: IncomingMessage): void {
  if (version === undefined || version === '4') return;
  const is = String(version).slice(0, 100);
  throw new Fault(400, `Version ${is} of the API is not served; request version 4.`);
}

const STOPPING = new Fault(503, 'vmemd is stopping.', { headers: { 'retry-after': '5' } });

/** A connection that cannot receive events. */
const callerAt = (
  socket: Socket,
  { access, isDashboard }: Sender,
  userOf: UserOf | undefined,
): Caller => ({
  peer: {
    ...clientOf(socket, isDashboard ? 'dashboard' : 'rest', access, userOf),
    subscriptions: { patterns: [], add: () => undefined, remove: () => false },
  },
  outstanding: 0,
});

const pageOf = async (
  { status = 200, headers, root, members }: RestResponse,
  format: Format,
): Promise<Page> => ({
  status,
  type: `${MEDIA_TYPES[format][0]}; charset=utf-8`,
  body: await representationOf(root, members, format),
  headers: { 'cache-control': 'no-store', vary: 'Accept, Content-Type', ...headers },
});
