import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { VdsmError } from '../../src/common/errors.ts';
import type { Caller } from '../../src/jsonrpc/request.ts';
import { createCaller } from '../support/call.ts';
import { dispatched } from '../support/dispatched.ts';
import { createRpc, table } from '../support/server.ts';
import { assertProperty } from '../support/property.ts';

const rpc = createRpc(
  table({
    echo: (params) => params,
    refuse: () => {
      throw new VdsmError('NoSuchVM');
    },
    fail: () => Promise.reject(new Error('unexpected')),
  }),
);
const dispatch = (text: string, caller: Caller): Promise<string | undefined> =>
  dispatched(rpc.dispatch, { text, caller });

const member = fc.oneof(fc.jsonValue(), fc.constantFrom('2.0', 'echo', 'refuse', 'fail', 1, 'a'));
const almostRequest = fc.record(
  {
    jsonrpc: fc.oneof({ weight: 9, arbitrary: fc.constant('2.0') }, member),
    method: fc.oneof(
      { weight: 9, arbitrary: fc.constantFrom('echo', 'refuse', 'fail', 'none') },
      member,
    ),
    id: fc.oneof({ weight: 9, arbitrary: fc.oneof(fc.integer(), fc.string()) }, member),
    params: fc.oneof({ weight: 9, arbitrary: fc.object() }, member),
    flow_id: member,
  },
  { requiredKeys: [] },
);

interface Reply {
  readonly jsonrpc: unknown;
  readonly id: unknown;
  readonly error?: { readonly code: number; readonly message: string };
}

function checkReply(reply: Reply): void {
  expect(reply.jsonrpc).toBe('2.0');
  expect(reply).toHaveProperty('id');
  if ('error' in reply) {
    expect(Number.isInteger(reply.error.code)).toBe(true);
    expect(reply.error.message).not.toBe('');
    expect(reply).not.toHaveProperty('result');
  } else expect(reply).toHaveProperty('result');
}

test('any text gets no reply or well-formed ones, and leaves no call running', async () => {
  await assertProperty(
    fc.asyncProperty(
      fc.oneof(
        fc.string({ unit: 'binary' }),
        fc.json(),
        almostRequest.map((one) => JSON.stringify(one)),
      ),
      async (text) => {
        const caller = createCaller();
        const reply = await dispatch(text, caller);
        expect(caller.outstanding).toBe(0);
        if (reply === undefined) return;
        const told = JSON.parse(reply) as Reply | Reply[];
        for (const one of Array.isArray(told) ? told : [told]) checkReply(one);
      },
    ),
    { seconds: 3 },
  );
});

test('a batch has the reply of each element as if sent alone, in order', async () => {
  await assertProperty(
    fc.asyncProperty(
      fc.array(fc.oneof(almostRequest, fc.jsonValue()), { minLength: 1, maxLength: 100 }),
      async (batch) => {
        const caller = createCaller();
        // each failure has a flow id of its own
        const named = batch.map((one) =>
          typeof one === 'object' && one !== null && !Array.isArray(one) ?
            { ...one, flow_id: 'f' }
          : one,
        );
        const alone: unknown[] = [];
        for (const one of named) {
          // a nested list is not a batch
          const text = Array.isArray(one) ? 'null' : JSON.stringify(one);
          const reply = await dispatch(text, caller);
          if (reply !== undefined) alone.push(JSON.parse(reply));
        }
        const together = await dispatch(JSON.stringify(named), caller);
        expect(JSON.parse(together ?? '[]')).toEqual(alone);
      },
    ),
    { seconds: 3 },
  );
});
