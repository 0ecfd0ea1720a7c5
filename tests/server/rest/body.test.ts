import { afterAll, beforeAll, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { connect } from 'node:net';
import { parseBody } from '../../../src/server/rest/body.ts';
import { Fault } from '../../../src/server/rest/fault.ts';
import { openApi, setMemoryAnswer, type TestApi, vmId } from './api.ts';
import { assertProperty } from '../../support/property.ts';

const readVm = (body: string, format: 'xml' | 'json') => parseBody(body, format, 'vm');

let api: TestApi;
beforeAll(async () => {
  api = await openApi({ 'VM.setMemory': () => setMemoryAnswer() });
});
afterAll(() => {
  api.close();
});

const path = `/api/vms/${vmId}`;
const padded = (length: number): string => {
  const body = '<vm><memory>1073741824</memory></vm>';
  return body + ' '.repeat(length - body.length);
};

test('a body is limited to 64 KiB', async () => {
  expect((await api.put(path, padded(65_536))).status).toBe(200);
  const { status, text } = await api.put(path, padded(65_537));
  expect(status).toBe(413);
  expect(text).toContain('<detail>A body may have 64 KiB.</detail>');
});

test('a chunked body is limited to 64 KiB', async () => {
  const { status } = await api.put(path, padded(70_000), { 'transfer-encoding': 'chunked' });
  expect(status).toBe(413);
});

test('a body declared far longer is refused without being received', async () => {
  const head = `PUT ${path} HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/xml\r\nContent-Length: 2000000000\r\n\r\n`;
  const answer = await api.exchange(`${head}<vm>`);
  expect(answer).toMatch(/^HTTP\/1\.1 413 [^]*connection: close/i);
});

test('an incomplete body gets no response', async () => {
  const before = api.lines.length;
  const socket = connect(api.port, '127.0.0.1');
  const head = `PUT ${path} HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/xml\r\nContent-Length: 50\r\n\r\n`;
  socket.write(`${head}<vm>`, () => socket.destroy());
  await new Promise((resolve) => socket.on('close', resolve));
  expect((await api.get('/api')).status).toBe(200);
  expect(api.lines.slice(before).filter(({ event }) => event === 'bug')).toEqual([]);
});

test('a body that is not UTF-8 is refused', async () => {
  const { status, text } = await api.put(path, Buffer.from([0x3c, 0xff, 0xfe]));
  expect(status).toBe(400);
  expect(text).toContain('not UTF-8');
});

test.each([
  ['<!DOCTYPE vm [<!ENTITY x "1">]><vm><memory>&x;</memory></vm>', 'DOCTYPE'],
  ['<vm><memory>1</memory>', 'not well-formed'],
  ['<vm/><vm/>', 'exactly one element'],
  ['', 'The body is empty; give a <vm>.'],
  [' \n', 'The body is empty'],
  ['<action/>', 'The body is a <action>; give a <vm>.'],
  ['<vm><memory>\u0001</memory></vm>', 'U+0001'],
  ['<a>'.repeat(20_000), 'In the body'],
  [
    '<?xml version="1.0" encoding="UTF-16"?><vm/>',
    'declares the encoding UTF-16; encode it in UTF-8',
  ],
  ["<?xml version='1.0' encoding = 'latin1' standalone='yes'?><vm/>", 'encoding latin1'],
  ['<?xml encoding="UTF-16"?><vm/>', 'encoding UTF-16'],
  ['<?xml version="1.0" encoding=""?><vm/>', 'encode it in UTF-8'],
  [`${'<a>'.repeat(9000)}${'</a>'.repeat(9000)}`, 'n the body'],
])('XML %.60s is refused', (body, detail) => {
  expect(() => readVm(body, 'xml')).toThrow(Fault);
  expect(() => readVm(body, 'xml')).toThrow(detail);
});

test.each([
  '<?xml version="1.0"?>',
  '<?xml version="1.0" encoding="utf-8"?>\n',
  "<?xml version='1.0' encoding='US-ASCII'?>",
  '<!-- encoding="UTF-16" -->',
])('XML that begins with %s is read', (prolog) => {
  expect(readVm(`${prolog}<vm><memory>5</memory></vm>`, 'xml')('memory')).toBe('5');
});

test('an empty body is refused as empty', () => {
  expect(() => readVm('', 'json')).toThrow('The body is empty; give an object');
});

test.each(['nonsense', '[]', 'null', '5', '['.repeat(60_000)])('JSON %.20s is refused', (body) => {
  expect(() => readVm(body, 'json')).toThrow(Fault);
});

test('a value is found at its path, as text', () => {
  const xml = readVm('<vm id="I"><memory> 5 <!-- B --></memory><id>no</id></vm>', 'xml');
  expect([xml('id'), xml('memory'), xml('memory_policy', 'max')]).toEqual(['I', '5', undefined]);
  const json = readVm(
    '{"memory": 5, "memory_policy": {"ballooning": true}, "name": " n "}',
    'json',
  );
  expect([json('memory'), json('memory_policy', 'ballooning'), json('name')]).toEqual([
    '5',
    'true',
    'n',
  ]);
  expect([json('toString'), json('memory_policy', '__proto__')]).toEqual([undefined, undefined]);
});

test('a repeated element is refused', () => {
  const body = readVm('<vm><memory>1</memory><memory>2</memory></vm>', 'xml');
  expect(() => body('memory')).toThrow('There are two <memory>; give one.');
});

test.each([
  ['{"memory": 1, "memory": 2}', 'memory'],
  ['{"memory": 1, "mem\\u006fry" : 2}', 'memory'],
  ['{"memory_policy": {"max": 1, "a": [{"b": "}"}], "max": 1}}', 'max'],
  ['{"a\\"": 1, "{": {}, "a\\"": 2}', 'a"'],
])('a repeated name in JSON is refused: %s', (body, name) => {
  expect(() => readVm(body, 'json')).toThrow(`There are two "${name}"; give one.`);
});

test('a name may occur in different objects', () => {
  const body = '{"link": [{"rel": "a"}, {"rel": "b"}], "vm": {"memory": "x\\": {"}, "memory": 5}';
  expect(readVm(body, 'json')('memory')).toBe('5');
});

test('valid JSON without repeated names is accepted', () => {
  assertProperty(
    fc.property(fc.dictionary(fc.string(), fc.jsonValue()), (value) => {
      expect(() => readVm(JSON.stringify(value), 'json')).not.toThrow();
    }),
  );
});

test.each(['{"memory": null}', '{"memory": [1]}', '{"memory": {}}'])(
  '%s is refused, not read as 0',
  (body) => {
    expect(() => readVm(body, 'json')('memory')).toThrow('not a single value');
  },
);

test.each(['<memory>1342177280<x/></memory>', '<memory><x>5</x></memory>'])(
  '%s is refused, since its child element would be ignored',
  (memory) => {
    expect(() => readVm(`<vm>${memory}</vm>`, 'xml')('memory')).toThrow('not a single value');
  },
);

test('a value in place of an object is refused', () => {
  expect(() => readVm('{"memory_policy": 5}', 'json')('memory_policy', 'guaranteed')).toThrow(
    'memory_policy.guaranteed is misplaced',
  );
});
