import { parseBody } from '../../../src/server/rest/body.ts';
import { Fault } from '../../../src/server/rest/fault.ts';
import { formatOf, formatWanted } from '../../../src/server/rest/negotiate.ts';
import { resourceAt, targetOf } from '../../../src/server/rest/route.ts';
import { found } from '../../../src/server/rest/search.ts';
import { MEDIA, someBody, someTarget } from '../httpRequests.ts';
import { mutated } from '../mutate.ts';
import { inProcess, type Verdict } from '../target.ts';

interface Input {
  readonly url: string;
  readonly accept: string;
  readonly type: string;
  readonly body: string;
}

type Search = Parameters<typeof found>;

const PATHS: readonly (readonly [string, ...string[]])[] = [
  ['memory'],
  ['memory_policy', 'guaranteed'],
  ['id'],
  ['toString'],
  ['a', 'b', 'c'],
];

/** What REST makes of paths, queries, media types, searches and bodies: a value, or a fault that names what to do. */
export const restCodec = inProcess<Input>(
  'rest-codec',
  80,
  (random) => {
    const url = someTarget(random);
    return {
      url: random.chance(0.3) ? mutated(url, random) : url,
      accept: mutated(random.pick(MEDIA), random),
      type: random.chance(0.7) ? random.pick(MEDIA) : mutated(random.pick(MEDIA), random),
      body: someBody(random),
    };
  },
  ({ url, accept, type, body }): Verdict => {
    const target = targetOf(url);
    if (target) {
      orFault(() => resourceAt(target));
      orFault(() => found(VMS, { query: target.query } as Search[1]));
    }
    formatWanted(accept);
    const format = formatOf(type) ?? 'xml';
    for (const name of ['vm', 'action'] as const) {
      const read = orFault(() => parseBody(body, format, name));
      for (const path of read ? PATHS : []) {
        const value = orFault(() => read?.(...path));
        if (value !== undefined && typeof value !== 'string') return `${path.join('.')} is no text`;
      }
    }
    return undefined;
  },
);

const VMS = [
  { id: '00000000-0000-4000-8000-00000000de30', name: 'web', status: 'up' },
] as unknown as Search[0];

/** Returns undefined for a fault of the client's. */
function orFault<T>(work: () => T): T | undefined {
  try {
    return work();
  } catch (error) {
    if (error instanceof Fault && error.status < 500) return undefined;
    throw error;
  }
}
