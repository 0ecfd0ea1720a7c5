/** Returns whether a local user is root or the one that vmemd runs as. */
export const isPrivileged = (uid: number): boolean => uid === 0 || uid === process.getuid?.();
