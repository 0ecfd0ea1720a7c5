import { describe, expect, test } from '@jest/globals';
import { loadVerbs } from '../../src/api/loadVerbs.ts';
import { validateResult } from '../../src/api/verb.ts';
import { type Exchange, recorded, replay } from '../support/exchanges.ts';

const exchanges = recorded();

/** Returns the value with a matcher for each placeholder of the recording. */
function expected(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(expected);
  if (typeof value !== 'object' || value === null) return value;
  const { $matches: pattern } = value as { readonly $matches?: string };
  if (pattern !== undefined) return expect.stringMatching(new RegExp(pattern, 's'));
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, expected(inner)]));
}

const replyOf = ({ result, error }: Exchange) => ({
  jsonrpc: '2.0',
  id: 1,
  ...(error ?
    {
      error: {
        code: error.code,
        message: expected(error.message),
        data: { flowId: 'recorded', ...(expected(error.data ?? {}) as object) },
      },
    }
  : { result: expected(result) }),
});

test('every verb, and nothing else, has recorded exchanges', async () => {
  expect([...exchanges.keys()].sort()).toEqual([...(await loadVerbs()).keys()].sort());
});

for (const [method, all] of exchanges) {
  describe(method, () => {
    test.each(all.map((exchange) => [exchange.name, exchange] as const))(
      '%s',
      async (_, exchange) => {
        const reply = (await replay(method, exchange)) as { readonly result?: unknown };
        expect(reply).toEqual(replyOf(exchange));
        if (exchange.error) return;
        const verb = (await loadVerbs()).get(method);
        if (verb) validateResult(verb.contract, reply.result);
      },
    );
  });
}
