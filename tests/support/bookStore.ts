import type { BookFile } from '../../src/policy/reservations/bookFile.ts';
import { type Book, emptyBook } from '../../src/policy/reservations/book.ts';
import { never } from './faults.ts';
import type { Lifetime } from './lifetime.ts';

/** What is kept of reservations from one life of vmemd to the next. */
export class BookStore {
  book: Book = emptyBook;
  /** Called at each write, before it is done; what it throws fails the write. */
  onWrite: () => void = () => undefined;
  /** Called when a write is done. */
  onWritten: () => void = () => undefined;

  /** The file as one life sees it, which writes nothing once it is over. */
  of(life: Lifetime): Pick<BookFile, 'read' | 'write'> {
    return {
      read: () => Promise.resolve(structuredClone(this.book)),
      write: async (book) => {
        if (!life.isOver) this.onWrite();
        if (life.isOver) return never();
        this.book = structuredClone(book);
        this.onWritten();
        await Promise.resolve();
      },
    };
  }
}
