import { metadataType, type ClientEvent } from '../../libvirt/index.ts';
import { KiB } from '../../common/units.ts';
import type { HostEvent, LifecycleEvent } from '../hypervisor.ts';

/** By virDomainEventType. */
const lifecycle: readonly LifecycleEvent[] = [
  'defined',
  'undefined',
  'started',
  'suspended',
  'resumed',
  'stopped',
  'shutdown',
  'pm-suspended',
  'crashed',
];

/** Converts libvirt's event; returns undefined for an event that HostEvent does not have. */
export function toHostEvent(
  event: Exclude<ClientEvent, { kind: 'problem' }>,
): HostEvent | undefined {
  switch (event.kind) {
    case 'lifecycle':
      return lifecycleEvent(event);
    case 'reboot':
      return { kind: event.kind, uuid: event.dom.uuid };
    case 'balloon-change':
      return { kind: event.kind, uuid: event.dom.uuid, current: KiB(event.actual) };
    case 'device-added':
    case 'device-removed':
    case 'device-removal-failed':
      return { kind: event.kind, uuid: event.dom.uuid, alias: event.alias };
    case 'memory-device-size-change': {
      const { kind, dom, alias, size } = event;
      return { kind, uuid: dom.uuid, alias, size: KiB(size) };
    }
    case 'metadata-change':
      return event.type === metadataType.element ?
          { kind: event.kind, uuid: event.dom.uuid }
        : undefined;
    case 'disconnected':
      return { kind: event.kind, reason: event.reason.message };
    case 'reconnected':
      return event;
  }
}

function lifecycleEvent({
  kind,
  dom: { uuid, name, id },
  event,
  detail,
}: Extract<ClientEvent, { kind: 'lifecycle' }>): HostEvent | undefined {
  const change = lifecycle[event];
  const run = id > 0 ? { run: String(id) } : {};
  return change && { kind, uuid, name, event: change, detail, ...run };
}
