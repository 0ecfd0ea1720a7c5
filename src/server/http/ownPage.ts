import type { IncomingMessage } from 'node:http';
import { isOwnOrigin } from './originPolicy.ts';

/**
 * Returns whether a browser sent this for a page of this server. Browsers name themselves so, and let no script change
 * that; programs may send our own Origin too.
 */
export const isFromOwnPage = ({ headers }: IncomingMessage): boolean =>
  isOwnOrigin(headers.origin, headers.host) && /^Mozilla\//.test(headers['user-agent'] ?? '');
