import { userInfo } from 'node:os';

/** Returns whether a local user, as named by the kernel or by its id, is root or the one that vmemd runs as. */
export const isPrivileged = (user: string): boolean =>
  user === 'root' || user === 'uid 0' || user === ownUser;

const ownUser = nameOfOwn();

function nameOfOwn(): string {
  try {
    return userInfo().username;
  } catch {
    // a container's user may have no name
    return `uid ${String(process.getuid?.())}`;
  }
}
