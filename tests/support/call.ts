import { pino } from 'pino';
import type { RequestContext } from '../../src/api/context.ts';
import type { Caller } from '../../src/jsonrpc/call.ts';
import { EventBus } from '../../src/jsonrpc/eventBus.ts';

/** A logger that says nothing. */
export const silent = pino({ level: 'silent' });

/** A logger that remembers its lines. */
export function recorder(level = 'debug') {
  const lines: Record<string, unknown>[] = [];
  const write = (line: string): void => {
    lines.push(JSON.parse(line) as Record<string, unknown>);
  };
  return { lines, log: pino({ level }, { write }) };
}

/** A connection of nobody. */
export const createCaller = (): Caller => ({
  peer: { address: 'test', subscriptions: new EventBus().open(() => undefined) },
  outstanding: 0,
});

/** A request of nobody. */
export const createRequest = (request: Partial<RequestContext> = {}): RequestContext => ({
  peer: createCaller().peer,
  flowId: 'flow',
  signal: new AbortController().signal,
  log: silent,
  ...request,
});
