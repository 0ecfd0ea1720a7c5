import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import type { Codec } from '../../src/libvirt/codec.ts';
import { domain, nodeInfo, statsRecord, uuid } from '../../src/libvirt/protocol.ts';
import { XdrError, XdrReader, XdrWriter } from '../../src/libvirt/xdr.ts';
import { assertProperty } from '../support/property.ts';

function encode<T>(codec: Codec<T>, value: T): Buffer {
  const writer = new XdrWriter();
  codec.write(writer, value);
  return writer.bytes;
}

const roundTrip = <T>(codec: Codec<T>, value: T): T =>
  codec.read(new XdrReader(encode(codec, value)));

const dom = { name: 'gäst', uuid: '6695eb01-f6a4-8304-79aa-97f2502e193f', id: -1 };

test('a UUID is sixteen bytes on the wire and lower-case text in the client', () => {
  assertProperty(
    fc.property(fc.uuid(), (value) => {
      expect(encode(uuid, value.toUpperCase())).toHaveLength(16);
      expect(roundTrip(uuid, value.toUpperCase())).toBe(value);
    }),
  );
});

test.each(['', 'x', '6695eb01f6a4830479aa97f2502e193f', `${dom.uuid}0`, `0${dom.uuid}`])(
  "'%s' is not a UUID",
  (value) => {
    expect(() => encode(uuid, value)).toThrow(XdrError);
  },
);

test('a domain has name, UUID and id', () => {
  expect(roundTrip(domain, dom)).toEqual(dom);
});

test('typed parameters keep their types', () => {
  const parameters = [
    { field: 'int', type: 1, value: -1 },
    { field: 'uint', type: 2, value: 1 },
    { field: 'hyper', type: 3, value: -1n },
    { field: 'uhyper', type: 4, value: 2n ** 64n - 1n },
    { field: 'double', type: 5, value: 0.5 },
    { field: 'bool', type: 6, value: true },
    { field: 'string', type: 7, value: 'x' },
  ];
  expect(roundTrip(statsRecord, { domain: dom, parameters })).toEqual({ domain: dom, parameters });
});

test('a typed parameter of an unknown type cannot be read', () => {
  const bytes = encode(statsRecord, {
    domain: dom,
    parameters: [{ field: 'a', type: 1, value: 8 }],
  });
  bytes.writeInt32BE(8, bytes.length - 8);
  expect(() => statsRecord.read(new XdrReader(bytes))).toThrow('unknown type 8');
});

test('the model of a node has a word for each of its 32 characters', () => {
  const node = {
    model: 'x86_64',
    memory: 1,
    cpus: 2,
    mhz: 3,
    nodes: 4,
    sockets: 5,
    cores: 6,
    threads: 7,
  };
  expect(encode(nodeInfo, node)).toHaveLength(32 * 4 + 8 + 6 * 4);
  expect(roundTrip(nodeInfo, node)).toEqual(node);
  expect(roundTrip(nodeInfo, { ...node, model: 'é' }).model).toBe('é');
});
