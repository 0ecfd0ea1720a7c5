import { setImmediate as nextTurn } from 'node:timers/promises';
import { prepareJson } from '../../src/common/preparedJson.ts';
import { expect, test } from '@jest/globals';
import { object } from '../../schema/types.ts';
import { VdsmError } from '../../src/common/errors.ts';
import type { RpcSettings } from '../../src/jsonrpc/call.ts';
import type { Origin } from '../../src/jsonrpc/request.ts';
import { Milliseconds } from '../../src/common/units.ts';
import { verb } from '../../src/api/verb.ts';
import { createCaller, recorder } from '../support/call.ts';
import { dispatched } from '../support/dispatched.ts';
import { createRpc, table, type Handle, type RpcOptions } from '../support/server.ts';
import { VirtualClock } from '../support/virtualClock.ts';

function createTable(methods: Readonly<Record<string, Handle>>, options: RpcOptions = {}) {
  return withVerbs(table(methods), options);
}

function withVerbs(verbs: RpcSettings['verbs'], options: RpcOptions = {}) {
  const caller = createCaller();
  const { dispatch } = createRpc(verbs, options);
  const send = (text: string | Buffer, origin: Partial<Origin> = {}) =>
    dispatched(dispatch, { text, caller, ...origin });
  return {
    caller,
    send,
    ask: async (payload: unknown): Promise<unknown> =>
      JSON.parse((await send(JSON.stringify(payload))) ?? 'null'),
  };
}

const request = (method: string, id: unknown = 1, more: object = {}) => ({
  jsonrpc: '2.0',
  id,
  method,
  ...more,
});
const echo: Handle = (params) => params;

test.each<[string, unknown, number]>([
  ['{', null, -32700],
  ['', null, -32700],
  ['['.repeat(65), null, -32600],
  ['null', null, -32600],
  ['1', null, -32600],
  ['[]', null, -32600],
  ['{"jsonrpc":"2.0","id":{"a":1},"method":"echo"}', null, -32600],
  ['{"jsonrpc":"2.0","id":"a","method":5}', 'a', -32600],
  ['{"jsonrpc":"1.0","id":7,"method":"echo"}', 7, -32600],
  ['{"id":7,"method":"echo"}', 7, -32600],
  ['{"jsonrpc":"2.0","id":7,"method":"echo","params":"x"}', 7, -32600],
  ['{"jsonrpc":"2.0","id":7,"method":"echo","params":null}', 7, -32600],
  ['{"jsonrpc":"2.0","id":7,"method":"echo","result":1}', 7, -32600],
  ['{"jsonrpc":"2.0","id":7,"method":"toString"}', 7, -32601],
  ['{"jsonrpc":"2.0","id":7,"method":"__proto__"}', 7, -32601],
])('%s gets one error with its id', async (text, id, code) => {
  const reply = JSON.parse((await createTable({ echo }).send(text)) ?? 'null') as object;
  expect(reply).toMatchObject({ jsonrpc: '2.0', id, error: { code } });
  expect(reply).not.toHaveProperty('result');
});

test.each([1, 0, 'a', '', '1', 1.5, null])('the id %j is returned unchanged', async (id) => {
  const { send } = createTable({ echo });
  await expect(send(JSON.stringify(request('echo', id, { params: { a: 1 } })))).resolves.toBe(
    `{"jsonrpc":"2.0","id":${JSON.stringify(id)},"result":{"a":1}}`,
  );
});

const numbers = ['9007199254740993', '1e400', '1.0', '-0', '1E2', '0.10000000000000000000001'];

test.each(numbers)(
  'the id %s is returned digit by digit, also with an error and in a batch',
  async (id) => {
    const { send } = createTable({ echo });
    const text = (method: string): string => `{"method":"${method}","id":${id},"jsonrpc":"2.0"}`;
    const result = `{"jsonrpc":"2.0","id":${id},"result":{}}`;
    expect(await send(text('echo'))).toBe(result);
    expect(await send(text('none'))).toContain(
      `{"jsonrpc":"2.0","id":${id},"error":{"code":-32601`,
    );
    expect(await send(`{"id":${id}}`)).toContain(
      `{"jsonrpc":"2.0","id":${id},"error":{"code":-32600`,
    );
    expect(await send(`[${text('echo')}, 5, ${text('echo')}]`)).toMatch(
      new RegExp(`^\\[${literally(result)},\\{.*"id":null,.*\\},${literally(result)}\\]$`),
    );
  },
);

const literally = (text: string): string => text.replace(/[.*+?^${}()|[\]\\-]/g, '\\$&');

test.each([
  ['9007199254740993', 'size is too large: 9007199254740993; give at most 9007199254740991'],
  ['9007199254740992', 'size is too large: 9007199254740992; give at most 9007199254740991'],
  ['1e400', String.raw`size must be a whole number, not \"1e400\"`],
  ['1048576.00000000000000001', 'size must be a whole number, not'],
])('the size %s is refused, never rounded', async (size, reason) => {
  const contract = {
    description: 'For tests.',
    params: object({ size: { type: 'integer' } }),
    result: {},
    since: '0.1.0',
    stability: 'stable',
    access: 'read',
    changes: [],
    errors: [],
  } as const;
  const { send } = withVerbs(new Map([['set', verb(contract, async (params) => params)]]));
  for (const params of [`{"size":${size}}`, `{"size":"${size}"}`, `[${size}]`]) {
    const text = `{"jsonrpc":"2.0","id":1,"method":"set","params":${params}}`;
    expect(await send(text)).toContain(reason);
  }
  const text = `{"jsonrpc":"2.0","id":1,"method":"set","params":{"size":9007199254740991,"unknown":${size}}}`;
  expect(await send(text)).toContain('"result":{"size":9007199254740991}');
});

test("a null id gets no reply from a caller like VDSM's, for any method", async () => {
  const { send, caller } = createTable({ echo });
  const asVdsm = { caller: { ...caller, asVdsm: true } };
  const reply = (payload: unknown) => send(JSON.stringify(payload), asVdsm);
  await expect(reply(request('echo', null))).resolves.toBeUndefined();
  await expect(reply(request('none', null))).resolves.toBeUndefined();
  await expect(reply([request('echo', null)])).resolves.toBeUndefined();
  await expect(reply([request('echo', null), request('echo', 2)])).resolves.toBe(
    '[{"jsonrpc":"2.0","id":2,"result":{}}]',
  );
});

test('a message may be a Buffer', async () => {
  const { send } = createTable({ echo });
  const reply = await send(Buffer.from(JSON.stringify(request('echo'))));
  expect(reply).toBe('{"jsonrpc":"2.0","id":1,"result":{}}');
});

test('an unknown method is named in its error', async () => {
  expect(await createTable({}).ask(request('VM.fly'))).toMatchObject({
    error: { message: 'The method does not exist or is not available: VM.fly' },
  });
});

test('a batch of one gets a list', async () => {
  expect(await createTable({ echo }).ask([request('echo')])).toEqual([
    { jsonrpc: '2.0', id: 1, result: {} },
  ]);
});

test('a batch gets its replies in order, whatever it contains', async () => {
  const { ask } = createTable({ echo });
  const batch = [
    request('echo', 'a'),
    null,
    { jsonrpc: '2.0', method: 'echo' },
    [],
    request('no', 2),
  ];
  expect(await ask(batch)).toMatchObject([
    { id: 'a', result: {} },
    { id: null, error: { code: -32600 } },
    { id: null, error: { code: -32600 } },
    { id: 2, error: { code: -32601 } },
  ]);
});

test('a notification runs and gets no reply, alone or in a batch, even if it fails', async () => {
  let runs = 0;
  const count: Handle = () => {
    runs++;
    throw new Error('unheard');
  };
  const { send } = createTable({ count });
  const notification = { jsonrpc: '2.0', method: 'count' };
  await expect(send(JSON.stringify(notification))).resolves.toBeUndefined();
  await expect(send(JSON.stringify([notification, notification]))).resolves.toBeUndefined();
  await expect(send('{"jsonrpc":"2.0","method":"unknown"}')).resolves.toBeUndefined();
  expect(runs).toBe(3);
});

test('a batch that is too long runs nothing and gets one error', async () => {
  let runs = 0;
  const { ask } = createTable({ count: () => runs++ });
  expect(await ask(Array.from({ length: 10_000 }, (_, id) => request('count', id)))).toMatchObject({
    id: null,
    error: { code: -32600, message: 'Invalid request: a batch may hold 100 requests, not 10000' },
  });
  expect(runs).toBe(0);
});

test('a request beyond the limit of its connection is refused until another ends', async () => {
  const waiting: (() => void)[] = [];
  const wait: Handle = () => new Promise<void>((resolve) => waiting.push(resolve));
  const { ask, caller } = createTable({ wait, echo }, { maxOutstanding: 2 });
  const first = ask(request('wait', 1));
  const second = ask(request('wait', 2));
  await nextTurn();
  expect(await ask(request('echo', 3))).toMatchObject({ id: 3, error: { code: 1100 } });
  waiting[0]?.();
  await first;
  expect(await ask(request('echo', 4))).toMatchObject({ id: 4, result: {} });
  waiting[1]?.();
  await second;
  expect(caller.outstanding).toBe(0);
});

test('a batch longer than the limit of running requests gets all replies', async () => {
  let running = 0;
  let most = 0;
  const work: Handle = async () => {
    most = Math.max(most, ++running);
    await nextTurn();
    running--;
    return true;
  };
  const { ask } = createTable({ work }, { maxOutstanding: 3 });
  const batch = Array.from({ length: 20 }, (_, id) => request('work', id));
  expect(await ask(batch)).toEqual(batch.map(({ id }) => ({ jsonrpc: '2.0', id, result: true })));
  expect(most).toBe(3);
});

test("a handler's VdsmError is returned with its code and the flow id", async () => {
  const fail: Handle = () => {
    throw new VdsmError('NoSuchVM', 'x');
  };
  expect(await createTable({ fail }).ask(request('fail', 1, { flow_id: 'f1' }))).toEqual({
    jsonrpc: '2.0',
    id: 1,
    error: { code: 1, message: 'Virtual machine does not exist: x', data: { flowId: 'f1' } },
  });
});

test('any other error is logged, and the client gets an internal error without its text', async () => {
  const { lines, log } = recorder('error');
  const fail: Handle = () => {
    throw new Error('outer', { cause: new Error('secret') });
  };
  const reply = await createTable({ fail }, { log }).ask(request('fail', 1, { flow_id: 'f1' }));
  expect(reply).toMatchObject({ error: { code: -32603, data: { flowId: 'f1' } } });
  expect(JSON.stringify(reply)).not.toContain('secret');
  expect(lines).toHaveLength(1);
  expect(lines[0]).toMatchObject({ event: 'bug', flow_id: 'f1', method: 'fail' });
  expect(JSON.stringify(lines)).toContain('secret');
});

test('a result that cannot be encoded is an internal error of its request only', async () => {
  const { lines, log } = recorder('error');
  const { ask } = createTable({ big: () => 1n, echo }, { log });
  expect(await ask([request('big', 1), request('echo', 2)])).toMatchObject([
    { id: 1, error: { code: -32603 } },
    { id: 2, result: {} },
  ]);
  expect(lines).toMatchObject([{ event: 'bug' }]);
});

test('the flow id is that of the request, else of the transport, else a new one', async () => {
  const flow: Handle = (_, { flowId }) => flowId;
  const { ask, send } = createTable({ flow });
  expect(await ask(request('flow', 1, { flow_id: 'mine' }))).toMatchObject({ result: 'mine' });
  const plain = JSON.stringify(request('flow'));
  expect(await send(plain, { flowId: 'header' })).toContain('"header"');
  expect(await send(plain)).toMatch(/"result":"[0-9a-f]{6}-[0-9a-z]+"/);
  expect(await ask(request('flow', 1, { flow_id: 'a\nb' }))).not.toMatchObject({ result: 'a\nb' });
  expect(await ask(request('flow', 1, { flow_id: 5 }))).not.toMatchObject({ result: 5 });
});

test('the log has start and finish of a request, but not its result', async () => {
  const { lines, log } = recorder();
  const { ask } = createTable({ 'VM.getStats': () => 'body', 'VM.destroy': () => true }, { log });
  await ask(request('VM.getStats', 1, { flow_id: 'f' }));
  await ask(request('VM.destroy', 1));
  expect(lines).toMatchObject([
    { level: 20, event: 'start', method: 'VM.getStats', flow_id: 'f' },
    { level: 20, event: 'finish', method: 'VM.getStats', code: 0 },
    { level: 20, event: 'start', method: 'VM.destroy' },
    { level: 20, event: 'finish', method: 'VM.destroy', code: 0 },
  ]);
  expect(JSON.stringify(lines)).not.toContain('body');
});

test('a failed request is logged at debug, one of more than a second as a warning', async () => {
  const { lines, log } = recorder();
  const clock = new VirtualClock();
  const slow: Handle = () => clock.advance(Milliseconds(1500));
  const fail: Handle = () => {
    throw new VdsmError('BalloonError', undefined, { cause: new Error('why') });
  };
  const { ask } = createTable({ 'Host.getSlow': slow, 'VM.getFail': fail }, { log, clock });
  await ask(request('Host.getSlow'));
  await ask(request('VM.getFail'));
  expect(lines.filter(({ event }) => event === 'finish')).toMatchObject([
    { level: 40, event: 'finish', method: 'Host.getSlow', reason: 'slow', duration_s: 1.5 },
    {
      level: 20,
      event: 'finish',
      method: 'VM.getFail',
      code: 53,
      reason: 'Balloon operation is not available',
    },
  ]);
});

test('a verb that may wait for a guest is not logged as slow', async () => {
  const { lines, log } = recorder();
  const clock = new VirtualClock();
  const waits = {
    description: 'For tests.',
    params: object({}),
    result: {},
    since: '0.1.0',
    stability: 'stable' as const,
    access: 'read' as const,
    changes: [],
    errors: [],
    waits: true,
  };
  const wait = verb(waits, async () => clock.advance(Milliseconds(1500)));
  await withVerbs(new Map([['VM.wait', wait]]), { log, clock }).ask(request('VM.wait'));
  const last = lines.at(-1);
  expect(last).toMatchObject({ level: 20, event: 'finish', duration_s: 1.5 });
  expect(last).not.toHaveProperty('reason');
});

const closedEcho = verb(
  {
    description: 'For tests.',
    params: object({}),
    result: {},
    since: '0.1.0',
    stability: 'stable',
    access: 'read',
    changes: [],
    errors: [],
  },
  (params) => Promise.resolve(params),
);

test('unknown params are refused in strict mode', async () => {
  const { ask } = withVerbs(new Map([['echo', closedEcho]]), { strict: true });
  const reply = await ask(request('echo', 1, { params: { a: 1 } }));
  expect(reply).toMatchObject({ error: { code: -32602 } });
});

test('each request is measured with its code, and unknown methods under one name', async () => {
  const clock = new VirtualClock();
  const measured: unknown[] = [];
  const { ask, send } = createTable(
    {
      'VM.slow': () => clock.advance(Milliseconds(1500)),
      'VM.fail': () => {
        throw new VdsmError('BalloonError');
      },
    },
    { clock, maxBatch: 1, measure: (...args) => measured.push(args) },
  );
  await ask(request('VM.slow'));
  await ask(request('VM.fail'));
  await ask(request('VM.madeUp'));
  await ask({ id: 1 });
  await ask([request('VM.fail'), request('VM.fail')]);
  await send('{');
  expect(measured).toEqual([
    ['VM.slow', 0, 1500],
    ['VM.fail', 53, 0],
    ['unknown', -32601, 0],
    ['unknown', -32600, 0],
    ['unknown', -32600, 0],
    ['unknown', -32700, 0],
  ]);
});

test('a result whose text was prepared is sent as that text, in ASCII', async () => {
  const big = prepareJson({ text: 'ä → "x" 😀' });
  const { send } = createTable({ big: () => big });
  const reply = await send(JSON.stringify(request('big')));
  expect(reply).toMatch(/^[\x20-\x7e]+$/);
  expect(JSON.parse(reply ?? '')).toEqual({ jsonrpc: '2.0', id: 1, result: big });
});
