import {
  ambiguousRequest,
  brokenRequest,
  type HttpRequest,
  soundRequest,
} from '../httpRequests.ts';
import { responsesIn } from '../httpResponses.ts';
import { cut } from '../mutate.ts';
import { RawConnection } from '../service/rawConnection.ts';
import { Service } from '../service/service.ts';
import type { Target, Verdict } from '../target.ts';

interface Input {
  readonly kind: 'sound' | 'broken' | 'ambiguous';
  readonly methods: readonly string[];
  readonly pieces: readonly string[];
}

const LAST: HttpRequest = {
  method: 'GET',
  text: 'GET /healthz?last HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n',
};

/** Requests, pipelined and in pieces: each sound one gets its response, and nothing is taken for a request that is none. */
export const http: Target<Input> = {
  name: 'http',
  weight: 12,
  make(random) {
    const kind = random.pick(['sound', 'sound', 'broken', 'broken', 'ambiguous'] as const);
    const make = { sound: soundRequest, broken: brokenRequest, ambiguous: ambiguousRequest }[kind];
    const requests =
      kind === 'ambiguous' ?
        [make(random)]
      : Array.from({ length: 1 + random.below(3) }, () => make(random));
    const all = kind === 'sound' ? [...requests, LAST] : requests;
    return {
      kind,
      methods: all.map(({ method }) => method),
      pieces: cut(all.map(({ text }) => text).join(''), random),
    };
  },
  async open({ isReplay }) {
    const service = await Service.open({ isWitnessed: !isReplay });
    return {
      width: 32,
      judge: (input) => service.fire(() => tried(input, service.port)),
      close: () => service.close(),
    };
  },
};

async function tried({ kind, methods, pieces }: Input, port: number): Promise<Verdict> {
  const connection = await RawConnection.open(port);
  await connection.send(pieces);
  const isClosed = await (kind === 'sound' ?
    connection.until(() => connection.isClosed)
  : connection.finish());
  connection.destroy();
  const { received } = connection;
  if (!isClosed) return `the connection was not closed; received: ${received.slice(-300)}`;
  const fault = /HTTP\/1\.1 5\d\d [^]{0,500}/.exec(received)?.[0];
  if (fault !== undefined) return `an error of vmemd's own: ${fault}`;
  if (kind === 'broken') return undefined;
  const responses = responsesIn(received, methods);
  if (!responses) return `no whole responses: ${received}`;
  if (kind === 'ambiguous') {
    return responses.length > 1 ?
        `${String(responses.length)} responses to an ambiguous request`
      : undefined;
  }
  const closing = responses.findIndex(({ head }) => head.includes('\r\nconnection: close'));
  const wanted = closing < 0 ? methods.length : closing + 1;
  return responses.length === wanted ?
      undefined
    : `${String(responses.length)} of ${String(wanted)} requests got a response`;
}
