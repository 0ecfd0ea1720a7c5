import { endpointText, type HostPort } from '../common/endpoint.ts';

/** The PEM files of a client; they are read at each connection, so that renewed ones are used. */
export interface TlsFiles {
  readonly ca: string;
  readonly cert: string;
  readonly key: string;
}

/** Where a daemon is, and how to connect to it. */
export type Target =
  | { readonly kind: 'unix'; readonly path: string }
  | ({ readonly kind: 'plain' } & HostPort)
  | ({ readonly kind: 'tls'; readonly files: TlsFiles } & HostPort);

/** Returns a path or a URL for people. */
export const nameOf = (target: Target): string =>
  target.kind === 'unix' ? target.path : urlOf(target);

/** Returns the URL of the handshake. */
export function urlOf(target: Target): string {
  if (target.kind === 'unix') return 'ws://localhost';
  return `${target.kind === 'tls' ? 'wss' : 'ws'}://${endpointText(target)}`;
}
