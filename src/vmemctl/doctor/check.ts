/** What one look has found, and what to do about it. */
export interface Check {
  readonly name: string;
  /** info: neither right nor wrong. */
  readonly state: 'ok' | 'info' | 'warn' | 'fail';
  /** A sentence without its full stop; of a warning and a failure with what to do. */
  readonly text: string;
}

export const ok = (name: string, text: string): Check => ({ name, state: 'ok', text });
export const info = (name: string, text: string): Check => ({ name, state: 'info', text });
export const warn = (name: string, text: string): Check => ({ name, state: 'warn', text });
export const fail = (name: string, text: string): Check => ({ name, state: 'fail', text });
