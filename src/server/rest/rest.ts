import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import type { Clock } from '../../common/clock.ts';
import type { Milliseconds } from '../../common/units.ts';
import type { Call, Caller } from '../../jsonrpc/call.ts';
import type { Api, Page } from '../http/http.ts';
import type { OriginPolicy } from '../http/originPolicy.ts';
import { InFlight } from '../limits/inFlight.ts';
import { type Body, discard, readBody, readVm } from './body.ts';
import { Fault } from './fault.ts';
import { formatOf, formatWanted } from './negotiate.ts';
import { type Format, MEDIA_TYPES, representationOf } from './representation.ts';
import type { RestResponse } from './resource.ts';
import { BASES, resourceAt, type Target, targetOf } from './route.ts';
import { createVerbClient } from './verbClient.ts';

export interface RestOptions {
  readonly call: Call;
  readonly originPolicy: OriginPolicy;
  readonly clock: Clock;
}

/** VMs and their memory as resources of oVirt's REST API, implemented by verbs. */
export class Rest implements Api {
  readonly path = BASES[0];
  readonly #options: RestOptions;
  readonly #callers = new WeakMap<Socket, Caller>();
  readonly #running = new InFlight();
  #closing = false;

  constructor(options: RestOptions) {
    this.#options = options;
  }

  handle(request: IncomingMessage, response: ServerResponse): Promise<Page> | undefined {
    const target = targetOf(request.url ?? '');
    if (!target) return undefined;
    this.#running.begin();
    response.once('close', () => {
      this.#running.end();
    });
    return this.#respond(target, request);
  }

  /** Accepts no further requests; fulfils when running ones have ended, or when `deadline` has passed. */
  async close(deadline: Milliseconds): Promise<void> {
    this.#closing = true;
    await this.#running.drain(this.#options.clock, deadline);
  }

  async #respond(target: Target, request: IncomingMessage): Promise<Page> {
    const otherwise = formatOf(request.headers['content-type']) ?? 'xml';
    const format = formatWanted(request.headers.accept, otherwise);
    try {
      if (this.#closing) throw STOPPING;
      if (!format)
        throw new Fault(
          406,
          'Responses are application/xml or application/json; accept one of them.',
        );
      return pageOf(await this.#call(target, request), format);
    } catch (error) {
      if (!(error instanceof Fault)) throw error;
      await discard(request);
      const { status, headers, members } = error;
      return pageOf({ status, headers, root: 'fault', members }, format ?? otherwise);
    }
  }

  async #call(target: Target, request: IncomingMessage): Promise<RestResponse> {
    const resource = resourceAt(target);
    const { method } = request;
    const restRequest = { ...target, call: this.#verbClient(request, target) };
    if (method === 'GET' || method === 'HEAD') return resource.GET(restRequest);
    if (method === 'PUT' && resource.PUT) {
      return resource.PUT({ ...restRequest, body: await this.#readVm(request) });
    }
    const allow = resource.PUT ? 'GET, HEAD, PUT' : 'GET, HEAD';
    throw new Fault(405, `Use ${allow} here.`, { headers: { allow } });
  }

  async #readVm(request: IncomingMessage): Promise<Body> {
    const { origin, host, 'content-type': type, 'content-encoding': encoding } = request.headers;
    if (!this.#options.originPolicy.allowsOrigin(origin, host)) {
      const advice = 'add it to [rpc] allowed_origins';
      throw new Fault(403, `Pages of this Origin may not change anything: ${advice}.`);
    }
    const format = formatOf(type);
    if (!format || encoding !== undefined) {
      const is = [encoding, type ?? 'of no Content-Type'].filter(Boolean).join(' ').slice(0, 100);
      throw new Fault(
        415,
        `The body is ${is}; give application/xml or application/json, in UTF-8, not compressed.`,
      );
    }
    return readVm(await readBody(request), format);
  }

  #verbClient({ headers, socket }: IncomingMessage, { query }: Target) {
    const header = headers['correlation-id'];
    const flowId = query.get('correlation_id') ?? (typeof header === 'string' ? header : undefined);
    const caller = this.#callers.get(socket) ?? callerAt(socket);
    this.#callers.set(socket, caller);
    return createVerbClient(this.#options.call, { caller, flowId });
  }
}

const STOPPING = new Fault(503, 'vmemd is stopping.', { headers: { 'retry-after': '5' } });

/** A connection that cannot receive events. */
const callerAt = ({ remoteAddress: address = 'unknown' }: Socket): Caller => ({
  peer: { address, subscriptions: { patterns: [], add: () => undefined, remove: () => false } },
  outstanding: 0,
});

const pageOf = ({ status = 200, headers, root, members }: RestResponse, format: Format): Page => ({
  status,
  type: `${MEDIA_TYPES[format][0]}; charset=utf-8`,
  body: representationOf(root, members, format),
  headers: { 'cache-control': 'no-store', vary: 'Accept, Content-Type', ...headers },
});
