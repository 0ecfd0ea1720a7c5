/** An invalid configuration. The message has one line per mistake: where it is, what is wrong, what is expected. */
export class ConfigError extends Error {
  override readonly name = 'ConfigError';
}

/** One setting as written; `origin` names its place in messages. */
export interface Setting {
  readonly origin: string;
  readonly section: string;
  readonly key: string;
  readonly value: string;
}

/** Called with each mistake, as a sentence that names its place. */
export type Report = (mistake: string) => void;
