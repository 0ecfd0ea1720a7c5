/** A response, as far as tests look at it. */
export interface HttpResponse {
  readonly status: number;
  /** Its header, in lower case. */
  readonly head: string;
}

/**
 * Returns the responses in the bytes that a server has sent to requests of these methods; undefined if they are none, or
 * the last one is not whole.
 */
export function responsesIn(text: string, methods: readonly string[]): HttpResponse[] | undefined {
  const responses: HttpResponse[] = [];
  let at = 0;
  while (at < text.length) {
    const end = text.indexOf('\r\n\r\n', at);
    const status = Number(/^HTTP\/1\.1 (\d{3}) /.exec(text.slice(at, at + 20))?.[1]);
    if (end < 0 || Number.isNaN(status)) return undefined;
    const head = text.slice(at, end).toLowerCase();
    at = end + 4;
    if (status === 100) continue;
    const isBare =
      methods[responses.length] === 'HEAD' || status === 204 || status === 304 || status === 101;
    responses.push({ status, head });
    if (isBare) continue;
    const size = sizeOf(text.slice(at), head);
    if (size === undefined) return undefined;
    at += size;
  }
  return at === text.length ? responses : undefined;
}

/** The size of a body: by its length or its chunks; without them it ends with the connection. */
function sizeOf(text: string, head: string): number | undefined {
  const length = /\r\ncontent-length: (\d+)/.exec(head)?.[1];
  if (length !== undefined) return Number(length);
  if (!head.includes('\r\ntransfer-encoding: chunked')) return text.length;
  for (let at = 0; ;) {
    const [line, digits] = /^([\da-f]+)\r\n/i.exec(text.slice(at, at + 20)) ?? [];
    if (line === undefined || digits === undefined) return undefined;
    const chunk = parseInt(digits, 16);
    at += line.length + chunk + 2;
    if (chunk === 0) return at;
  }
}
