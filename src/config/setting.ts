/** What is wrong with the configuration, where, and what is expected there; each mistake is a line of the message. */
export class ConfigError extends Error {
  override readonly name = 'ConfigError';
}

/** One value as somebody wrote it; `origin` names the place for people. */
export interface Setting {
  readonly origin: string;
  readonly section: string;
  readonly key: string;
  readonly value: string;
}

/** Hears of each mistake as a sentence that says where it is. */
export type Report = (mistake: string) => void;
