import type { TlsFiles } from '../../../src/client/index.ts';
import type { Books, Reply, Request } from './books.ts';

/** Where vmemd is. */
export interface Place {
  readonly port: number;
  readonly unixSocket: string;
  readonly files: TlsFiles;
}

export interface WireOptions {
  readonly place: Place;
  readonly isTls: boolean;
  readonly books: Books;
}

/** One connection of a client. */
export interface Wire {
  readonly isOpen: boolean;
  /** Whether it can send this method. */
  sends(method: string): boolean;
  /** Sends requests, several of them as a batch where there are batches; never rejects. */
  send(requests: readonly Request[]): Promise<readonly Reply[]>;
  /** Reads nothing until {@link resume}. */
  pause(): void;
  resume(): void;
  /** Sends the first part of a request, of which vmemd must do nothing, and ends the connection at once. */
  cutWithin(request: Request): void;
  /** Ends the connection at once. */
  cut(): void;
  /** Ends the connection as the protocol says; fulfils when it is closed. */
  close(): Promise<void>;
}

/** Opens a connection; rejects if vmemd is not there. */
export type OpenWire = (options: WireOptions) => Promise<Wire>;
