import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { array, boolean, integer, object, openObject, record, text } from '../../schema/types.ts';
import { readText } from '../../src/api/coerce.ts';
import { assertProperty } from '../support/property.ts';

const params = object(
  { vmID: text },
  {
    target: integer,
    graceful: boolean,
    sizes: array(integer),
    device: openObject({ size: integer }),
    nodes: array(object({ memory: integer })),
    limits: record(integer),
    delay: { anyOf: [integer, { type: 'null' }] },
    either: { anyOf: [integer, text] },
    level: { anyOf: [integer, { enum: ['1', '2'] }] },
    spec: { anyOf: [object({ size: integer }), array(boolean)] },
  },
);

test('text is converted to the number or boolean of the schema', () => {
  const sent = { vmID: '007', target: '1048576', graceful: 'True' };
  expect(readText(sent, params)).toEqual({ vmID: '007', target: 1048576, graceful: true });
  expect(readText({ target: '-5', graceful: 'false' }, params)).toEqual({
    target: -5,
    graceful: false,
  });
});

test('text is converted in nested objects, lists and records', () => {
  expect(
    readText(
      {
        sizes: ['1', 2, 'x'],
        device: { size: '3', other: '4' },
        nodes: [{ memory: '5' }],
        limits: { a: '6' },
      },
      params,
    ),
  ).toEqual({
    sizes: [1, 2, 'x'],
    device: { size: 3, other: '4' },
    nodes: [{ memory: 5 }],
    limits: { a: 6 },
  });
});

test('text stays text if the schema also allows text', () => {
  expect(readText({ delay: '30', either: '30', level: '1' }, params)).toEqual({
    delay: 30,
    either: '30',
    level: '1',
  });
  expect(readText({ spec: { size: '1' } }, params)).toEqual({ spec: { size: 1 } });
  expect(readText({ spec: ['true'] }, params)).toEqual({ spec: [true] });
  expect(readText({ delay: 'soon' }, params)).toEqual({ delay: 'soon' });
});

test.each([
  { target: null },
  { target: true },
  { target: '' },
  { target: ' 1' },
  { target: '1e3' },
  { target: '0x10' },
  { target: '1.0' },
  { target: '9999999999999999' },
  { graceful: 1 },
  { graceful: 'yes' },
  { graceful: null },
  { vmID: 3 },
  { unknown: '1' },
])('%j is not converted', (sent) => {
  expect(readText(sent, params)).toBe(sent);
});

test('keys that are special in JavaScript are ordinary keys', () => {
  const sent = JSON.parse('{"__proto__": {"a": 1}, "constructor": "1", "target": "1"}') as unknown;
  const read = readText(sent, params);
  expect(JSON.stringify(read)).toBe('{"__proto__":{"a":1},"constructor":"1","target":1}');
  expect(Object.getPrototypeOf(read)).toBe(Object.prototype);
});

test('converting any JSON twice gives the same as converting it once', () => {
  assertProperty(
    fc.property(fc.jsonValue(), (value) => {
      const once = readText(value, params);
      expect(readText(once, params)).toEqual(once);
    }),
  );
});

test('a UUID gets the form in which VMs are known, and other text stays for the check', () => {
  const id = { type: 'string', format: 'uuid' } as const;
  const schema = { type: 'object', properties: { vmID: id, vmList: { type: 'array', items: id } } };
  const uuid = '6f1c0c54-0000-4000-8000-0000000000aa';
  const given = { vmID: uuid.replaceAll('-', '').toUpperCase(), vmList: [` ${uuid}`, 'x'] };
  expect(readText(given, schema)).toEqual({ vmID: uuid, vmList: [uuid, 'x'] });
});
