import { pino } from 'pino';
import type { RequestContext } from '../../src/api/context.ts';
import type { Caller } from '../../src/jsonrpc/request.ts';
import { EventBus } from '../../src/jsonrpc/eventBus.ts';

/** A logger without output. */
export const silent = pino({ level: 'silent' });

/** Creates a logger that records its lines. */
export function recorder(level = 'debug') {
  const lines: Record<string, unknown>[] = [];
  const write = (line: string): void => {
    lines.push(JSON.parse(line) as Record<string, unknown>);
  };
  return { lines, log: pino({ level }, { write }) };
}

/** Creates a caller for tests. */
export const createCaller = (): Caller => ({
  peer: { address: 'test', access: 'admin', subscriptions: new EventBus().open(() => undefined) },
  outstanding: 0,
});

/** Creates a request's context for tests. */
export const createRequest = (request: Partial<RequestContext> = {}): RequestContext => ({
  peer: createCaller().peer,
  flowId: 'flow',
  signal: new AbortController().signal,
  log: silent,
  note: () => undefined,
  ...request,
});
