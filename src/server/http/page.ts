/** A response. */
export interface Page {
  readonly status: number;
  /** Media type. */
  readonly type: string;
  readonly body: string | Buffer;
  /** Further headers. */
  readonly headers?: Readonly<Record<string, string>>;
}

/** Returns a page of plain text. */
export const plain = (status: number, body: string): Page => ({
  status,
  type: 'text/plain; charset=utf-8',
  body: `${body}\n`,
});
