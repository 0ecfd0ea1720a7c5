import type { Reply } from '../clients/books.ts';
import type { EndWrite } from './register.ts';

/** A request, and what the model learns from its reply. */
export interface Operation {
  readonly method: string;
  readonly params: object;
  readonly learn?: (reply: Reply) => void;
}

export type Random = () => number;

/** A whole number from `least` to `most`. */
export const between = (random: Random, least: number, most: number): number =>
  least + Math.floor(random() * (most - least + 1));

export const oneOf = <T>(random: Random, values: readonly T[]): T | undefined =>
  values[Math.floor(random() * values.length)];

/** In place of a reply to a request that was not sent, or not whole. */
export const UNSENT: Reply = { kind: 'error', code: 0, message: 'it was not sent' };

/** Errors after which surely nothing was done: no such VM, VM is down, invalid parameters, too many requests. */
const REFUSALS = new Set([0, 1, 6, 91, 1100, -32602]);

export const isRefused = (reply: Reply): boolean =>
  reply.kind === 'error' && REFUSALS.has(reply.code);

/** Ends a write as its reply says. */
export function endWrite(end: EndWrite, reply: Reply): void {
  if (reply.kind === 'result') end('done');
  else if (reply.kind === 'lost') end('lost');
  else end(isRefused(reply) ? 'void' : 'failed');
}
