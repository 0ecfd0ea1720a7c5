import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { brief } from '../../src/jsonrpc/brief.ts';
import { assertProperty } from '../support/property.ts';

test('params are logged as they are, if they are short', () => {
  const params = { vmID: 'x', target: 5, deep: { list: [1, true, null, 'text'] } };
  expect(brief(params)).toEqual(params);
  expect(brief(undefined)).toBeUndefined();
  expect(brief({ big: 2n ** 64n })).toEqual({ big: '18446744073709551616' });
});

test.each([
  ...['password', 'Password', 'ticket', 'spiceTicket', 'passwd', '_X_key', 'clientSecret'],
  ...['sshkey', 'api_key', 'privateKey', 'credentials', 'authorization', 'cookie', 'pwd'],
  ...['vmPayload', 'user-data', 'cloudInit'],
])('the value of %s is masked at any depth', (name) => {
  expect(brief({ [name]: 's3cret', in: [{ [name]: { value: 's3cret' } }] })).toEqual({
    [name]: '***',
    in: [{ [name]: '***' }],
  });
});

test.each([
  ['quiet inst.password=s3kern root=/dev/vda', 'quiet inst.password=*** root=/dev/vda'],
  ['http://me:s3cret@host/x', 'http://me:***@host/x'],
  ['API_TOKEN: s3cret', 'API_TOKEN: ***'],
])('secrets within the text %s are masked', (text, shown) => {
  expect(brief({ kernelArgs: text })).toEqual({ kernelArgs: shown });
});

test('the XML of a domain is its name, memory, length and hash', () => {
  const xml =
    "<domain><name>web</name><memory unit='MiB'>1024</memory><graphics passwd='s3cret'/></domain>";
  expect(brief({ xml })).toEqual({
    xml: {
      length: xml.length,
      sha256: expect.stringMatching(/^[\da-f]{16}$/),
      name: 'web',
      memory: '1024 MiB',
    },
  });
});

test('a size without a unit is in KiB, as in libvirt', () => {
  expect(brief('<domain><memory>5</memory></domain>')).toMatchObject({ memory: '5 KiB' });
});

test('the same text has the same hash, another one another', () => {
  const [one, same, other] = ['<a/>', '<a/>', '<b/>'].map((xml) => brief(xml));
  expect(one).toEqual(same);
  expect(one).not.toEqual(other);
});

test('long texts, lists and objects are cut', () => {
  expect(brief('x'.repeat(257))).toMatchObject({ length: 257 });
  expect(brief(Array(22).fill(0))).toEqual([...Array<number>(20).fill(0), '… 2 more']);
  const many = Object.fromEntries(Array.from({ length: 23 }, (_, i) => [`k${String(i)}`, i]));
  expect(brief(many)).toMatchObject({ k19: 19, '…': 3 });
  expect(JSON.stringify(brief({ a: { b: { c: { d: { e: { f: 1 } } } } } }))).not.toContain('"f"');
});

test('params of many short values are described as a whole', () => {
  const wide = Array.from({ length: 20 }, () => Array<string>(20).fill('x'.repeat(100)));
  expect(brief({ wide })).toEqual({ length: expect.any(Number), sha256: expect.any(String) });
});

test('whatever a client sends, its log line is short, and secrets do not appear', () => {
  assertProperty(
    fc.property(fc.jsonValue({ maxDepth: 8 }), (value) => {
      const text = JSON.stringify(brief({ value, password: 'S3CRET' }));
      expect(text).not.toContain('S3CRET');
      expect(text.length).toBeLessThan(5000);
    }),
  );
});
