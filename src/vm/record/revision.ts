import type { Stored } from './content.ts';
import { parse, serialize, textOf } from './stored.ts';

/** What was found where the metadata do not have the text that was written last. */
export interface Found {
  /** The last revision of this process that the text's writer had seen. */
  readonly seen: number;
  /** Present if another process wrote the text. */
  readonly theirs?: Stored;
  /** Whether it is a text of this process whose write was reported to have failed. */
  readonly isFailedWrite: boolean;
  /** Present if another process wrote it before a text of the same process that was seen: the write took effect late. */
  readonly isLate?: true;
}

/** Numbers the records that this process writes, and recognizes those that others wrote. */
export class Revision {
  readonly #writer: string;
  #number = 0;
  /** The text that the metadata have, as far as known. */
  #text = '';
  /** The content of that text; undefined if it is unknown. */
  #content: string | undefined;
  /** The text that is being written, or whose write was reported to have failed. */
  #next: { readonly text: string; readonly content: string; readonly revision: number } | undefined;
  /** Revisions whose writes were reported to have failed; they can happen later all the same. */
  readonly #failed = new Set<number>();
  /** The newest revision seen of each process that has written. */
  readonly #newest = new Map<string, number>();

  constructor(writer: string) {
    this.#writer = writer;
  }

  /** The number of the newest record known. */
  get number(): number {
    return this.#number;
  }

  /** Starts with the text found in the metadata. */
  resume(text: string): void {
    const stored = parse(text);
    this.#text = text;
    this.#next = undefined;
    this.#failed.clear();
    this.#newest.clear();
    if (stored) this.#newest.set(stored.writer, stored.revision);
    this.#number = stored?.revision ?? 0;
    this.#content = stored && textOf(stored);
  }

  /** Compares the text in the metadata with the last one known; undefined if it is the same. */
  compare(text: string): Found | undefined {
    if (text === this.#text) return undefined;
    const stored = parse(text);
    this.#text = text;
    this.#content = stored && textOf(stored);
    if (!stored) return { seen: 0, isFailedWrite: false };
    const isOwn = stored.writer === this.#writer;
    const seen = isOwn ? stored.revision : stored.revision - 1;
    const isFailedWrite =
      isOwn && (stored.revision > this.#number || this.#failed.has(stored.revision));
    const isLate = !isOwn && stored.revision < (this.#newest.get(stored.writer) ?? 0);
    if (!isLate) this.#newest.set(stored.writer, stored.revision);
    this.#number = Math.max(this.#number, stored.revision);
    return { seen, isFailedWrite, ...(!isOwn && { theirs: stored }), ...(isLate && { isLate }) };
  }

  /** Whether the metadata lack that content; there need not be a first record of nothing. */
  differs(content: string): boolean {
    return content !== (this.#text === '' && this.#number === 0 ? NOTHING : this.#content);
  }

  /** The content as the text of the next revision. */
  next(content: string): string {
    if (this.#next) this.#failed.add(this.#next.revision);
    const revision = Math.max(this.#number, ...this.#failed) + 1;
    const text = serialize(content, { revision, writer: this.#writer });
    this.#next = { text, content, revision };
    return text;
  }

  /** Records that the text of the next revision was written. */
  written(): void {
    if (!this.#next) return;
    ({ revision: this.#number, text: this.#text, content: this.#content } = this.#next);
    this.#next = undefined;
  }
}

const NOTHING = textOf({ boot: 0, operations: [] });
