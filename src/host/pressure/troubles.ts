import type { Logger } from 'pino';

/** What goes wrong in work that is repeated: each trouble is logged when it begins, not at each repetition. */
export class Troubles {
  readonly #log: Logger;
  readonly #known = new Map<string, string>();

  constructor(log: Logger) {
    this.#log = log;
  }

  /** Warns of `trouble` with `subject` if it is new; undefined if there is none. */
  report(subject: string, trouble: string | undefined): void {
    if (trouble === undefined) {
      this.#known.delete(subject);
    } else if (this.#known.get(subject) !== trouble) {
      this.#known.set(subject, trouble);
      this.#log.warn(`${subject} ${trouble}`);
    }
  }
}
