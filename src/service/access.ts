import type { AccessSettings } from '../access/grant.ts';
import { readRule, readUser, type Rule } from '../access/rule.ts';
import type { Config } from '../config/config.ts';
import type { UnixSocket } from '../server/port/unixSocket.ts';

/** Returns the access rules of the configuration. On a simulated host every local user is admin. */
export function accessSettings({ access, rpc }: Config, isReal: boolean): AccessSettings {
  return {
    rules: {
      read: rulesOf(access.read, readRule),
      operate: rulesOf(access.operate, readRule),
      admin: rulesOf(access.admin, readRule),
    },
    certificate: access.default_certificate,
    localUsers: rulesOf(rpc.local_users, readUser),
    local: access.default_local,
    unixSocket: access.unix_socket,
    unnamed: isReal ? undefined : 'admin',
    ownUid: process.getuid?.(),
  };
}

const DEFAULT_SOCKET = '/run/vmemd/vmemd.sock';

/** Returns the unix socket to listen on; undefined for none. */
export function unixSocketOf({ rpc }: Config, isReal: boolean): UnixSocket | undefined {
  const { unix_socket: path, unix_socket_group: group } = rpc;
  if (path === 'auto')
    return isReal ? { path: DEFAULT_SOCKET, group, isOptional: true } : undefined;
  return path === 'none' ? undefined : { path, group, isOptional: false };
}

const rulesOf = (
  texts: readonly string[],
  read: (text: string) => Rule | undefined,
): readonly Rule[] => texts.map(read).filter((rule) => rule !== undefined);
