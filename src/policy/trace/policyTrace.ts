import type { Logger } from 'pino';
import { messageOf } from '../../common/messageOf.ts';
import { nextTurn } from '../../common/nextTurn.ts';
import { pacedText } from '../../common/pacedText.ts';
import type { PolicyRound } from '../loop/round.ts';
import { tracePieces } from './traceLine.ts';

export interface PolicyTraceParts {
  readonly file: { append(line: Buffer): Promise<void>; close(): Promise<void> };
  /** Returns the name for people of the VM with an id. */
  readonly nameOf: (id: string) => string | undefined;
  readonly log: Logger;
  /** Called for each round that is dropped. */
  readonly onDrop: () => void;
}

/** Rounds that wait for a slow disk; further ones are dropped. */
const MOST_WAITING = 10;

/** Writes each round of the policy to a file, and never keeps a round waiting. What cannot be written is dropped. */
export class PolicyTrace {
  readonly #parts: PolicyTraceParts;
  #writing: Promise<void> = Promise.resolve();
  #waiting = 0;
  /** Rounds dropped since the last that was written. */
  #missing = 0;

  constructor(parts: PolicyTraceParts) {
    this.#parts = parts;
  }

  write(round: PolicyRound): void {
    if (this.#waiting >= MOST_WAITING) {
      this.#drop('the disk is too slow');
      return;
    }
    this.#waiting += 1;
    this.#writing = this.#writing.then(() => this.#append(round));
  }

  /** Fulfils when all is written or dropped. */
  async close(): Promise<void> {
    await this.#writing;
    await this.#parts.file.close();
  }

  async #append(round: PolicyRound): Promise<void> {
    const { file, nameOf } = this.#parts;
    try {
      // not in the turn of the event loop in which the round was decided
      await nextTurn();
      await file.append(await pacedText(tracePieces(round, nameOf)));
      this.#recover();
    } catch (error) {
      this.#drop(messageOf(error));
    } finally {
      this.#waiting -= 1;
    }
  }

  #drop(reason: string): void {
    if (this.#missing === 0) {
      this.#parts.log.warn(
        { reason },
        'rounds of the policy cannot be written to [policy] trace_path; they are dropped',
      );
    }
    this.#parts.onDrop();
    this.#missing += 1;
  }

  #recover(): void {
    if (this.#missing === 0) return;
    this.#parts.log.info(
      { dropped: this.#missing },
      'rounds of the policy are written to [policy] trace_path again',
    );
    this.#missing = 0;
  }
}
