import { isIP } from 'node:net';

/** Who may talk HTTP to us; a web page that a user visits may not. */
export interface OriginPolicy {
  /** Whether a Host header names us. */
  allowsHost(host: string | undefined): boolean;
  /** Whether a page of this origin may open a WebSocket; programs that are no browsers send none. */
  allowsOrigin(origin: string | undefined, host: string | undefined): boolean;
}

export interface OriginPolicyOptions {
  /** Host names by which clients reach us, besides localhost and addresses. */
  readonly hosts?: readonly string[];
  /** Whether a name, in small letters, is one of ours besides those. */
  readonly isOwnName?: (name: string) => boolean;
  /** Origins of pages that may connect, besides our own: `https://console.example.org`. */
  readonly origins?: readonly string[];
}

/** Holds browsers to lists of hosts and origins, against DNS rebinding and cross-site WebSockets. */
export function createOriginPolicy(options: OriginPolicyOptions): OriginPolicy {
  const { hosts = [], isOwnName = () => false, origins = [] } = options;
  const names = new Set(['localhost', ...hosts.map((host) => host.toLowerCase())]);
  const pages = new Set(origins.map((origin) => origin.toLowerCase()));
  return {
    allowsHost(host) {
      const name = hostname(host);
      if (name === undefined) return false;
      // an address cannot be rebound by DNS: only a name can be made to point at us
      const isAddress = isIP(name.replace(/^\[(.*)\]$/, '$1')) !== 0;
      return isAddress || names.has(name) || isOwnName(name);
    },
    allowsOrigin(origin, host) {
      if (origin === undefined) return true;
      const page = origin.toLowerCase();
      if (pages.has(page)) return true;
      const own = host?.toLowerCase() ?? '';
      return own !== '' && (page === `http://${own}` || page === `https://${own}`);
    },
  };
}

function hostname(host: string | undefined): string | undefined {
  return /^(\[[0-9a-f:.]+\]|[^\s:/@?#\\]+)(:\d{1,5})?$/i.exec(host ?? '')?.[1]?.toLowerCase();
}
