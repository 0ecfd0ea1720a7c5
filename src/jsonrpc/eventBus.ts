import type { Subscriptions } from '../api/context.ts';
import { VdsmError } from '../common/errors.ts';
import { matches } from '../common/eventPattern.ts';

const MAX_PATTERNS = 100;
const MAX_PATTERN_LENGTH = 256;

/** The subscriptions of one connection, which gets no events after `close`. */
export interface PeerSubscriptions extends Subscriptions {
  close(): void;
}

/** Sends events as JSON-RPC notifications to the connections that subscribed to them. */
export class EventBus {
  readonly #peers = new Map<ReadonlySet<string>, (text: string) => void>();

  /** Registers a connection without subscriptions; `send` gets the text of each event that matches one. */
  open(send: (text: string) => void): PeerSubscriptions {
    const patterns = new Set<string>();
    this.#peers.set(patterns, send);
    return {
      get patterns() {
        return [...patterns];
      },
      add(pattern) {
        checkPattern(pattern);
        if (!patterns.has(pattern) && patterns.size >= MAX_PATTERNS) {
          const reason = `a connection may hold ${String(MAX_PATTERNS)} subscriptions; end one first`;
          throw new VdsmError('NotEnoughResources', reason);
        }
        patterns.add(pattern);
      },
      remove: (pattern) => patterns.delete(pattern),
      close: () => {
        this.#peers.delete(patterns);
      },
    };
  }

  publish(name: string, params: object): void {
    let text: string | undefined;
    for (const [patterns, send] of this.#peers) {
      if (!some(patterns, (pattern) => matches(pattern, name))) continue;
      text ??= JSON.stringify({ jsonrpc: '2.0', method: name, params });
      send(text);
    }
  }
}

function checkPattern(pattern: string): void {
  if (pattern === '' || pattern.length > MAX_PATTERN_LENGTH) {
    const reason = `an event pattern has 1 to ${String(MAX_PATTERN_LENGTH)} characters, as "|virt|*"`;
    throw new VdsmError('InvalidParameter', reason);
  }
}

function some<T>(values: Iterable<T>, test: (value: T) => boolean): boolean {
  for (const value of values) if (test(value)) return true;
  return false;
}
