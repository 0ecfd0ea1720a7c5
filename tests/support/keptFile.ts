import { never } from './faults.ts';
import type { Lifetime } from './lifetime.ts';

/** A file of vmemd with one value, which is replaced as a whole. */
export class KeptFile<T> {
  value: T;
  /** Called at each write, before it is done; what it throws fails the write. */
  onWrite: () => void = () => undefined;
  /** Called when a write is done. */
  onWritten: () => void = () => undefined;

  constructor(value: T) {
    this.value = value;
  }

  /** The file as one life of vmemd sees it, which writes nothing once it is over. */
  of(life: Pick<Lifetime, 'isOver'>) {
    return {
      read: (): Promise<T> => Promise.resolve(structuredClone(this.value)),
      write: async (value: T): Promise<void> => {
        if (!life.isOver) this.onWrite();
        if (life.isOver) return never();
        this.value = structuredClone(value);
        this.onWritten();
        await Promise.resolve();
      },
    };
  }
}
