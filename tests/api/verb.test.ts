import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { array, boolean, KiB, object, openObject, text, UUID } from '../../schema/types.ts';
import type { Context } from '../../src/api/context.ts';
import { VdsmError } from '../../src/common/errors.ts';
import { loadVerbs } from '../../src/api/loadVerbs.ts';
import { validateResult, verb } from '../../src/api/verb.ts';
import { createRequest, recorder } from '../support/call.ts';
import { assertProperty } from '../support/property.ts';

const vmID = 'b3f6fa00-b315-4ad4-8108-f73da817b5c5';
const contract = {
  description: 'Repeats what it was given.',
  params: object(
    { vmID: UUID, target: KiB },
    {
      graceful: boolean,
      kind: { enum: ['raw', 'qcow2'] },
      devices: array(object({ type: text })),
      name: { ...text, minLength: 1, maxLength: 4 },
      count: { type: 'integer', minimum: 1, maximum: 3 },
      few: { ...array(text), maxItems: 1 },
      size: { anyOf: [KiB, { type: 'null' }] },
      only: { const: true },
      nick: { ...text, minLength: 1 },
    },
  ),
  result: openObject({ vmID: UUID }),
  since: '0.1.0',
  stability: 'stable',
  access: 'read',
  changes: [],
  errors: ['NoSuchVM'],
} as const;

const repeat = verb(contract, (params) => Promise.resolve(params));
const context = createRequest() as Context;
const call = async (params: unknown, strict = false) => repeat.call(params, context, { strict });

test('params are accepted by name or by position', async () => {
  const given = { vmID, target: 5, graceful: true };
  await expect(call(given)).resolves.toEqual(given);
  await expect(call([vmID, 5, true])).resolves.toEqual(given);
  await expect(call([vmID, '5'])).resolves.toEqual({ vmID, target: 5 });
});

test("the handler gets the request's context", async () => {
  const who = verb({ ...contract, params: object({}), result: text }, (_, { flowId }) =>
    Promise.resolve(flowId),
  );
  await expect(who.call(undefined, context)).resolves.toBe('flow');
});

test.each<[unknown, string]>([
  [{ vmID }, 'target is missing; give a whole number of KiB of at least 0'],
  [{ vmID, target: null }, 'target must be a whole number of KiB of at least 0, not null'],
  [{ vmID, target: -1 }, 'target must be a whole number of KiB of at least 0, not -1'],
  [{ vmID, target: 1.5 }, 'target must be a whole number of KiB of at least 0, not 1.5'],
  [
    { vmID, target: 2 ** 53 },
    'target is too large: 9007199254740992; give at most 9007199254740991',
  ],
  [{ vmID: 'x', target: 1 }, 'vmID must be a UUID, not "x"'],
  [{ vmID: {}, target: 1 }, 'vmID must be a UUID, not an object'],
  [{ vmID, target: 1, graceful: 'maybe' }, 'graceful must be true or false, not "maybe"'],
  [{ vmID, target: 1, kind: 'iso' }, 'kind must be one of "raw", "qcow2", not "iso"'],
  [{ vmID, target: 1, name: '' }, 'name must be text of 1 to 4 characters, not ""'],
  [{ vmID, target: 1, nick: '' }, 'nick must be text of at least 1 character, not ""'],
  [{ vmID, target: 1, count: 4 }, 'count must be a whole number from 1 to 3, not 4'],
  [{ vmID, target: 1, few: ['a', 'b'] }, 'few must be a list of at most 1 item, not a list'],
  [{ vmID, target: 1, only: false }, 'only must be true, not false'],
  [
    { vmID, target: 1, size: 'x' },
    'size must be a whole number of KiB of at least 0 or null, not "x"',
  ],
  [{ vmID, target: 1, devices: [{ type: 1 }] }, 'devices[0].type must be text, not 1'],
  [
    { vmID, target: 1, devices: [{ type: 'a', '/~': 1 }] },
    'devices[0]./~ is not known here; known are type',
  ],
  [
    [vmID, 5, true, 'raw', [], 'n', 1, [], null, true, 'n', 12],
    '12 are too many; the params are vmID, target, graceful, kind, devices, name, count, few, size, only, nick',
  ],
  ['text', 'give params by name or by position'],
  [null, 'give params by name or by position'],
  [
    { vmID, target: 'x'.repeat(500) },
    `target must be a whole number of KiB of at least 0, not "${'x'.repeat(56)}…"`,
  ],
])('%j is refused with one sentence', async (params, sentence) => {
  const refused = call(params);
  await expect(refused).rejects.toBeInstanceOf(VdsmError);
  await expect(refused).rejects.toMatchObject({
    code: -32602,
    message: `Invalid method parameter(s): ${sentence}`,
  });
});

test('unknown params are dropped and logged, or refused in strict mode', async () => {
  const { lines, log } = recorder();
  const logged = createRequest({ log }) as Context;
  const params = { vmID, target: 1, foo: 2, constructor: 3 };
  await expect(repeat.call(params, logged)).resolves.toEqual({ vmID, target: 1 });
  expect(lines).toMatchObject([{ event: 'unknown_params', names: ['foo', 'constructor'] }]);
  expect(() => repeat.call(params, logged, { strict: true })).toThrow(
    'foo is not known here; known are vmID, target',
  );
});

test('a verb without params refuses any in strict mode', async () => {
  const none = verb({ ...contract, params: object({}) }, () => Promise.resolve({ vmID }));
  expect(() => none.call({ a: 1 }, context, { strict: true })).toThrow(
    'a is not known here; nothing is expected',
  );
  expect(() => none.call([1], context)).toThrow('1 are too many; the params are none');
});

test('a contract that refuses unknown params lists the known ones', () => {
  const own = verb(
    { ...contract, params: object({ vmID: UUID }), refusesUnknown: true },
    (params) => Promise.resolve(params),
  );
  expect(() => own.call({ vmID, foo: 1 }, context)).toThrow(
    'foo is not known here; known are vmID',
  );
});

test('params of an open contract reach the handler unchanged', async () => {
  const open = verb({ ...contract, params: openObject({ vmID: UUID }) }, (params) =>
    Promise.resolve(params),
  );
  await expect(open.call({ vmID, foo: 1 }, context)).resolves.toEqual({ vmID, foo: 1 });
});

test('only a whole number of KiB reaches the handler as target', async () => {
  await assertProperty(
    fc.asyncProperty(
      fc.jsonValue().filter((value) => !/^"?-?\d+"?$/.test(JSON.stringify(value))),
      async (target) => {
        await expect(call({ vmID, target })).rejects.toThrow(/target (must be|is too large)/);
      },
    ),
  );
});

test('a result that breaks its contract is reported', () => {
  expect(() => validateResult(contract, { vmID, more: undefined })).not.toThrow();
  expect(() => validateResult(contract, { vmID: 5 })).toThrow('vmID must be a UUID, not 5');
  expect(() => validateResult(contract, [])).toThrow('the value must be an object, not a list');
});

test('every handler in the folder is loaded by its file name', async () => {
  const verbs = await loadVerbs();
  for (const [name, { contract: loaded }] of verbs) {
    expect(name).toMatch(/^[A-Za-z]+\.[A-Za-z0-9]+$/);
    expect(loaded.description).not.toBe('');
  }
});
