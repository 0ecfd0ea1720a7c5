import type { Readable, Writable } from 'node:stream';

/** A stream for words or data, maybe a terminal. */
export type OutStream = Writable & {
  readonly isTTY?: boolean;
  readonly columns?: number;
  readonly rows?: number;
};

/** The process, as far as commands use it. */
export interface World {
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly stdin: Readable & {
    readonly isTTY?: boolean;
    /** Whether each key is read at once, and unechoed. */
    setRawMode?(mode: boolean): unknown;
  };
  /** Data, and nothing else. */
  readonly stdout: OutStream;
  /** Words: errors, progress, requests and replies with -v. */
  readonly stderr: OutStream;
  /** Takes over the first SIGINT, SIGTERM and SIGHUP, which then abort the signal that it returns instead of ending the process. */
  interruption(): AbortSignal;
  /** Runs `undo` when the process ends for whatever reason; returns a function that cancels that. */
  atExit(undo: () => void): () => void;
  /** The folder that contains etc/ and run/. */
  readonly root?: string;
}
