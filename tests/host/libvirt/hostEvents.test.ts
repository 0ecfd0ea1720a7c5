import { expect, test } from '@jest/globals';
import { toHostEvent } from '../../../src/host/libvirt/hostEvents.ts';
import { UnreachableError } from '../../../src/libvirt/index.ts';

const uuid = '6695eb01-f6a4-8304-79aa-97f2502e193f';
const dom = { name: 'a', uuid, id: 1 };

test.each(
  [
    'defined',
    'undefined',
    'started',
    'suspended',
    'resumed',
    'stopped',
    'shutdown',
    'pm-suspended',
    'crashed',
  ].map((name, event) => [event, name] as const),
)('lifecycle %i is %s', (event, name) => {
  expect(toHostEvent({ kind: 'lifecycle', dom, event, detail: 2 })).toEqual({
    kind: 'lifecycle',
    uuid,
    name: 'a',
    event: name,
    detail: 2,
    run: '1',
  });
});

test('a lifecycle event of a domain that does not run has no run', () => {
  const event = toHostEvent({ kind: 'lifecycle', dom: { ...dom, id: -1 }, event: 5, detail: 0 });
  expect(event).not.toHaveProperty('run');
});

test('an unknown lifecycle event of a newer libvirt is ignored', () => {
  expect(toHostEvent({ kind: 'lifecycle', dom, event: 99, detail: 0 })).toBeUndefined();
});

test('a reboot of the guest keeps its domain', () => {
  expect(toHostEvent({ kind: 'reboot', dom })).toEqual({ kind: 'reboot', uuid });
});

test('events of devices and of the balloon keep their values', () => {
  expect(toHostEvent({ kind: 'balloon-change', dom, actual: 5 })).toEqual({
    kind: 'balloon-change',
    uuid,
    current: 5,
  });
  for (const kind of ['device-added', 'device-removed', 'device-removal-failed'] as const) {
    expect(toHostEvent({ kind, dom, alias: 'dimm0' })).toEqual({ kind, uuid, alias: 'dimm0' });
  }
  const resized = { kind: 'memory-device-size-change', alias: 'virtiomem0', size: 7 } as const;
  expect(toHostEvent({ ...resized, dom })).toEqual({ ...resized, uuid });
});

test('metadata-change is emitted for elements only, not for title or description', () => {
  const event = { kind: 'metadata-change', dom, uri: undefined } as const;
  expect(toHostEvent({ ...event, type: 2 })).toEqual({ kind: 'metadata-change', uuid });
  expect(toHostEvent({ ...event, type: 1 })).toBeUndefined();
});

test('losing and regaining libvirt are events', () => {
  const reason = new UnreachableError('gone');
  expect(toHostEvent({ kind: 'disconnected', reason })).toEqual({
    kind: 'disconnected',
    reason: 'gone',
  });
  expect(toHostEvent({ kind: 'reconnected' })).toEqual({ kind: 'reconnected' });
});
