import { expect, test } from '@jest/globals';
import { int } from '../../src/libvirt/codec.ts';
import { decodeEvent, events, type DomainEvent } from '../../src/libvirt/events.ts';
import type { Packet } from '../../src/libvirt/packet.ts';
import { XdrError, XdrWriter } from '../../src/libvirt/xdr.ts';

const dom = { name: 'gäst', uuid: '6695eb01-f6a4-8304-79aa-97f2502e193f', id: 3 };

const packet = (procedure: number, payload: Buffer): Packet => ({
  program: 0x2000_8086,
  version: 1,
  procedure,
  type: 2,
  serial: 0,
  status: 0,
  payload,
});

function message(event: DomainEvent): Packet {
  const writer = new XdrWriter();
  int.write(writer, 5);
  events[event.kind].payload.write(writer, event);
  return packet(events[event.kind].procedure, writer.bytes);
}

const examples: DomainEvent[] = [
  { kind: 'lifecycle', dom, event: 5, detail: 1 },
  { kind: 'reboot', dom },
  { kind: 'balloon-change', dom, actual: 512_000 },
  { kind: 'device-added', dom, alias: 'dimm0' },
  { kind: 'device-removed', dom, alias: 'ua-7f' },
  { kind: 'device-removal-failed', dom, alias: 'dimm0' },
  { kind: 'metadata-change', dom, type: 2, uri: 'http://ovirt.org/vm/1.0' },
  { kind: 'metadata-change', dom, type: 1, uri: undefined },
  { kind: 'memory-device-size-change', dom, alias: 'virtiomem0', size: 262_144 },
];

test.each(examples)('decodes $kind', (event) => {
  expect(decodeEvent(message(event))).toEqual({ event, callback: 5 });
});

test.each([
  ['memdimm0', 'dimm0'],
  ['memua-7f', 'ua-7f'],
  ['memvirtiomem1', 'virtiomem1'],
  ['net0', 'net0'],
  ['memory', 'memory'],
  ['memua-memdimm0', 'ua-memdimm0'],
  ['ua-memdimm0', 'ua-memdimm0'],
])('device-added of %s has the alias %s, as in the XML', (sent, alias) => {
  expect(decodeEvent(message({ kind: 'device-added', dom, alias: sent }))).toMatchObject({
    event: { alias },
  });
});

test('an unknown event kind is ignored', () => {
  expect(decodeEvent(packet(9999, Buffer.alloc(8)))).toBeUndefined();
});

test('an event that ends too early throws', () => {
  expect(() => decodeEvent(packet(events.lifecycle.procedure, Buffer.alloc(8)))).toThrow(XdrError);
});
