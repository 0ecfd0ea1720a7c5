import { isIP } from 'node:net';

/** Decides which HTTP requests are accepted, so that a web page in a user's browser cannot reach vmemd. */
export interface OriginPolicy {
  /** Returns whether a Host header names this server. */
  allowsHost(host: string | undefined): boolean;
  /** Returns whether pages of this origin may connect; clients other than browsers send no Origin. */
  allowsOrigin(origin: string | undefined, host: string | undefined): boolean;
}

export interface OriginPolicyOptions {
  /** Names of this server besides localhost and addresses. */
  readonly hosts?: readonly string[];
  /** Returns whether a lower-case name is a further name of this server. */
  readonly isOwnName?: (name: string) => boolean;
  /** Origins of pages that may connect besides the server's own: `https://console.example.org`. */
  readonly origins?: readonly string[];
}

/** Restricts browsers to lists of hosts and origins, against DNS rebinding and cross-site WebSockets. */
export function createOriginPolicy(options: OriginPolicyOptions): OriginPolicy {
  const { hosts = [], isOwnName = () => false, origins = [] } = options;
  const names = new Set(['localhost', ...hosts.map((host) => host.toLowerCase())]);
  const pages = new Set(origins.map((origin) => origin.toLowerCase()));
  return {
    allowsHost(host) {
      const name = hostname(host);
      if (name === undefined) return false;
      // DNS rebinding needs a name, so every address is allowed
      const isAddress = isIP(name.replace(/^\[(.*)\]$/, '$1')) !== 0;
      return isAddress || names.has(name) || isOwnName(name);
    },
    allowsOrigin(origin, host) {
      if (origin === undefined) return true;
      const page = origin.toLowerCase();
      if (pages.has(page)) return true;
      return isOwnOrigin(page, host);
    },
  };
}

/** Returns whether an Origin is that of the server that a Host header names. */
export function isOwnOrigin(origin: string | undefined, host: string | undefined): boolean {
  const [page, own] = [origin?.toLowerCase(), host?.toLowerCase() ?? ''];
  return own !== '' && (page === `http://${own}` || page === `https://${own}`);
}

function hostname(host: string | undefined): string | undefined {
  return /^(\[[0-9a-f:.]+\]|[^\s:/@?#\\]+)(:\d{1,5})?$/i.exec(host ?? '')?.[1]?.toLowerCase();
}
