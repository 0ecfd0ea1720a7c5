import { int, optional, quantity, record, text, type Codec } from './codec.ts';
import type { Packet } from './packet.ts';
import { domain, type DomainRef } from './protocol.ts';
import { XdrReader } from './xdr.ts';

/** A daemon's event about a domain; sizes in KiB. */
export type DomainEvent =
  | {
      readonly kind: 'lifecycle';
      readonly dom: DomainRef;
      /** virDomainEventType and its detail. */
      readonly event: number;
      readonly detail: number;
    }
  | { readonly kind: 'reboot'; readonly dom: DomainRef }
  | { readonly kind: 'balloon-change'; readonly dom: DomainRef; readonly actual: number }
  | {
      readonly kind: 'device-added' | 'device-removed' | 'device-removal-failed';
      readonly dom: DomainRef;
      /** As in the domain's XML. */
      readonly alias: string;
    }
  | {
      readonly kind: 'metadata-change';
      readonly dom: DomainRef;
      readonly type: number;
      readonly uri: string | undefined;
    }
  | {
      readonly kind: 'memory-device-size-change';
      readonly dom: DomainRef;
      readonly alias: string;
      readonly size: number;
    };

/** One event kind: the id to register, the procedure it arrives as, and its payload after the callback id. */
export interface EventEntry {
  readonly id: number;
  readonly procedure: number;
  readonly payload: Codec<Readonly<Record<string, unknown>>>;
}

const device = record({ dom: domain, alias: text });

/** The event kinds that this client registers, by name. */
export const events: Readonly<Record<DomainEvent['kind'], EventEntry>> = {
  lifecycle: { id: 0, procedure: 318, payload: record({ dom: domain, event: int, detail: int }) },
  reboot: { id: 1, procedure: 319, payload: record({ dom: domain }) },
  'balloon-change': {
    id: 13,
    procedure: 331,
    payload: record({ dom: domain, actual: quantity }),
  },
  'device-removed': { id: 15, procedure: 333, payload: device },
  'device-added': { id: 19, procedure: 354, payload: device },
  'device-removal-failed': { id: 22, procedure: 367, payload: device },
  'metadata-change': {
    id: 23,
    procedure: 379,
    payload: record({ dom: domain, type: int, uri: optional(text) }),
  },
  'memory-device-size-change': {
    id: 26,
    procedure: 438,
    payload: record({ dom: domain, alias: text, size: quantity }),
  },
};

const byProcedure = new Map(
  Object.entries(events).map(([kind, { procedure, payload }]) => [procedure, { kind, payload }]),
);

// device-added names the memory backend (memdimm0); the XML, detach calls and device-removed name the device (dimm0).
const BACKEND_PREFIX = /^mem(?=dimm|nvdimm|virtiomem|virtiopmem|ua-)/;

/** An event, and the id of the registration that it belongs to. */
export interface Decoded {
  readonly event: DomainEvent;
  readonly callback: number;
}

/** Decodes an event message; returns undefined for an unknown kind. Throws XdrError. */
export function decodeEvent(packet: Packet): Decoded | undefined {
  const entry = byProcedure.get(packet.procedure);
  if (!entry) return undefined;
  const reader = new XdrReader(packet.payload);
  const callback = int.read(reader);
  const event = { kind: entry.kind, ...entry.payload.read(reader) } as DomainEvent;
  if (event.kind !== 'device-added') return { event, callback };
  return { event: { ...event, alias: event.alias.replace(BACKEND_PREFIX, '') }, callback };
}
