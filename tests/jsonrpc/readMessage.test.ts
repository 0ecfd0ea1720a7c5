import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { readMessage } from '../../src/jsonrpc/readMessage.ts';
import { assertProperty } from '../support/property.ts';

const ids = (json: string) => readMessage(json).ids;

describe('the ids of a message', () => {
  test.each([
    '1',
    '1.0',
    '-0',
    '1E2',
    '9007199254740993',
    '1e400',
    '0.10000000000000000000001',
    '1e-400',
  ])('have the text of %s', (id) => {
    expect(ids(`{"id":${id}}`)).toEqual([id]);
    expect(ids(` {"a":[1,{"id":2}], "id" : ${id} ,"params":{"id":3}}`)).toEqual([id]);
    expect(ids(`\n[{"id":${id}}, 7, {"id":"x"}, [{"id":4}], {"id":${id},"a":"id"}]`)).toEqual([
      id,
      undefined,
      '"x"',
      undefined,
      id,
    ]);
  });

  test.each([
    ['{"id":"1"}', '"1"'],
    ['{"id" : "\\u0041\\"" }', '"\\u0041\\""'],
    ['{"id":null}', undefined],
    ['{"id":1.0,"id":null}', undefined],
    ['{"id":[5]}', undefined],
    ['{"id":{"id":5}}', undefined],
    ['{"a":"\\"id\\":7","id":8}', '8'],
    ['{"a":"\\\\","id":8}', '8'],
    ['{"a":"id","b":7}', undefined],
    ['{"\\u0069d":1.0}', '1.0'],
    ['{"id":1.0,"id":2.0}', '2.0'],
    ['{"id":1.0,"id":"x"}', '"x"'],
    ['{"id":["x"],"params":"y"}', undefined],
    ['{"\\u0069\\u0064":"x"}', '"x"'],
    ['["id", 5]', undefined],
    ['5', undefined],
  ])('of %s: %s', (json, id) => {
    expect(ids(json)[0]).toBe(id);
  });
});

describe('the numbers of a message', () => {
  test.each([
    '9007199254740992',
    '-9007199254740993',
    '12345678901234567890',
    '1e16',
    '1e400',
    '1e-400',
    '1048576.00000000000000001',
    `1${'0'.repeat(200)}`,
  ])('stay text if they cannot be held exactly: %s', (number) => {
    expect(readMessage(`{"params":[${number},{"size":${number}}]}`).payload).toEqual({
      params: [number, { size: number }],
    });
  });

  test.each([
    '9007199254740991',
    '-9007199254740991',
    '1048576.0',
    '1.048576e6',
    '0.30000000000000004',
    '0e999',
    '-0',
  ])('are numbers otherwise: %s', (number) => {
    expect(readMessage(`{"params":[${number}]}`).payload).toEqual({ params: [Number(number)] });
  });

  test('in strings are left alone', () => {
    const json = '{"params":{"xml":"<a b=\\"9007199254740993\\">"},"id":9007199254740993}';
    expect(readMessage(json)).toEqual({
      payload: { params: { xml: '<a b="9007199254740993">' }, id: '9007199254740993' },
      ids: ['9007199254740993'],
    });
  });
});

const inexactAsText = (_: string, value: unknown): unknown =>
  Number.isInteger(value) && !Number.isSafeInteger(value) ? JSON.stringify(value) : value;

test('any other JSON is read as by JSON.parse', () => {
  assertProperty(
    fc.property(fc.json({ maxDepth: 4 }), (json) => {
      expect(readMessage(json).payload).toEqual(JSON.parse(json, inexactAsText));
    }),
    { seconds: 2 },
  );
});

test('any request has its id, wherever other members stand', () => {
  const number = fc.constantFrom('1.0', '1e3', '9007199254740993', '7');
  const request = fc
    .tuple(
      fc.dictionary(fc.string(), fc.jsonValue({ maxDepth: 3 }), { maxKeys: 5 }),
      number,
      fc.nat(),
    )
    .map(([members, id, at]) => {
      const others = Object.entries(members)
        .filter(([name]) => name !== 'id')
        .map(([name, value]) => `${JSON.stringify(name)}:${JSON.stringify(value)}`);
      others.splice(at % (others.length + 1), 0, `"id" :${id}`);
      return { id, json: `{${others.join(' , ')}}` };
    });
  assertProperty(
    fc.property(fc.array(request, { minLength: 1, maxLength: 5 }), (requests) => {
      expect(ids(`[${requests.map(({ json }) => json).join(',')}]`)).toEqual(
        requests.map(({ id }) => id),
      );
      expect(ids(requests[0]?.json ?? '')).toEqual([requests[0]?.id]);
    }),
    { seconds: 2 },
  );
});

test('rejects what is not JSON', () => {
  expect(() => readMessage('{"id":9007199254740993')).toThrow(SyntaxError);
});

describe('a message', () => {
  const refusedBeforeParsing = (json: string): void => {
    expect(() => readMessage(json)).toThrow(expect.objectContaining({ name: 'InvalidRequest' }));
  };

  test.each([
    ['lists', '[', ']'],
    ['objects', '{"a":', '}'],
  ])('may nest 64 %s', (_, open, close) => {
    const json = `${open.repeat(64)}${open === '[' ? '' : '1'}${close.repeat(64)}`;
    expect(readMessage(json).payload).toEqual(JSON.parse(json));
    refusedBeforeParsing(open.repeat(65));
  });

  test('does not nest by brackets in a string', () => {
    expect(readMessage(`["${'['.repeat(100)}\\"${'{'.repeat(100)}"]`).payload).toHaveLength(1);
  });

  test('may have 50 000 members and elements', () => {
    expect(readMessage(`[${'1,'.repeat(49_998)}1]`).payload).toHaveLength(49_999);
    refusedBeforeParsing(`[${'1,'.repeat(50_000)}`);
    refusedBeforeParsing(`{${'"a":1,'.repeat(50_000)}`);
  });

  test.each(['"', '{"id', '{"a\\', '{"a\\"', '{"a":"\\\\\\"', '["', ''])(
    'that breaks off is no JSON: %s',
    (json) => {
      expect(() => readMessage(json)).toThrow(SyntaxError);
    },
  );
});

test('a number in a list of a batch is no id, whatever the member before it', () => {
  expect(readMessage('[{"id":1},[9],["a",8]]').ids).toEqual(['1']);
});
