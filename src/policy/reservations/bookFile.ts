import { readFile } from 'node:fs/promises';
import type { Logger } from 'pino';
import { VdsmError } from '../../common/errors.ts';
import { isLaterFormat, NewerFormatError } from '../../common/formatVersion.ts';
import { messageOf } from '../../common/messageOf.ts';
import { replaceFile } from '../../common/replaceFile.ts';
import type { Typed } from '../../common/typed.ts';
import { complaint, validator } from '../../common/validate.ts';
import { StoredReservations } from '../../../schema/storedReservations.ts';
import { type Book, emptyBook } from './book.ts';

type Stored = Typed<typeof StoredReservations>;

const VERSION = 1;

const validate = validator<Stored>(StoredReservations);

export interface BookFileParts {
  /** Empty: what is reserved is lost with the process, as the VMs of a simulated host are. */
  readonly path: string;
  /** Names the hypervisor whose VMs these are. */
  readonly hypervisor: string;
  readonly log: Logger;
}

/** Keeps what is reserved over restarts of vmemd. A file of a later format is neither read nor replaced. */
export class BookFile {
  readonly #parts: BookFileParts;
  #newer: NewerFormatError | undefined;

  constructor(parts: BookFileParts) {
    this.#parts = parts;
  }

  /** Returns the book of the last write; empty if there is none, or none of this hypervisor that can be read. */
  async read(): Promise<Book> {
    const { path, hypervisor, log } = this.#parts;
    if (path === '') return emptyBook;
    try {
      const value: unknown = JSON.parse(await readFile(path, 'utf8'));
      if (isLaterFormat(value, VERSION)) throw (this.#newer = new NewerFormatError(path));
      const stored = bookIn(value);
      if (stored.hypervisor === hypervisor) return stored;
      log.warn(
        { path, hypervisor: stored.hypervisor },
        'the reservations in the file are those of another hypervisor; there are none here',
      );
    } catch (err) {
      if ((err as NodeJS.ErrnoException).code !== 'ENOENT') {
        log.error({ err, path }, 'the reservations could not be read; there are none now');
      }
    }
    return emptyBook;
  }

  /** Replaces the file atomically; throws GeneralException, also if the file is of a later format. */
  async write({ reservations, toReturn, due, asked }: Book): Promise<void> {
    const { path, hypervisor } = this.#parts;
    if (path === '') return;
    if (this.#newer) throw new VdsmError('GeneralException', this.#newer.message);
    const stored: Stored = { version: VERSION, hypervisor, reservations, toReturn, due, asked };
    try {
      await replaceFile(path, `${JSON.stringify(stored)}\n`);
    } catch (cause) {
      throw new VdsmError(
        'GeneralException',
        `what is reserved could not be written to ${path}: ${messageOf(cause)}; make that file writable, or set [memory] reservations_path`,
        { cause },
      );
    }
  }
}

function bookIn(value: unknown): Stored {
  const valid = validate();
  if (valid(value)) return value;
  throw new Error(complaint(valid));
}
