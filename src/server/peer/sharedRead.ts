/** Reads a file; rejects if there is none. */
export type ReadFile = (path: string) => Promise<string>;

/**
 * Returns a reader for many callers at a time: those that ask for a file before its next read begins share that read, and
 * one read of a file runs at a time. What a caller gets was read after it had asked.
 */
export function sharedRead(read: ReadFile): ReadFile {
  const running = new Map<string, Promise<unknown>>();
  const next = new Map<string, Promise<string>>();
  return (path) => {
    const waiting = next.get(path);
    if (waiting) return waiting;
    const begin = (): Promise<string> => {
      next.delete(path);
      const text = read(path);
      const ended = text.then(
        () => undefined,
        () => undefined,
      );
      running.set(path, ended);
      return text;
    };
    const text = (running.get(path) ?? Promise.resolve()).then(begin);
    next.set(path, text);
    return text;
  };
}
