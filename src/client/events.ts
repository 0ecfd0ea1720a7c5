import { matches } from '../common/eventPattern.ts';
import type { Notification } from './connection.ts';
import type { EventDetails } from './methods.ts';

type Kind = keyof EventDetails;

/** What happened to one VM. */
export type VmEvent = {
  readonly [K in Kind]: {
    readonly type: 'event';
    readonly kind: K;
    /** The event's name on the wire, which patterns match: `|virt|VM_memory|<vmId>`. */
    readonly name: string;
    readonly vmId: string;
    /** The daemon's monotonic clock, in ms. */
    readonly notifyTime: number;
    readonly detail: EventDetails[K];
  };
}[Kind];

/** What a subscription reports. */
export type Notice =
  | VmEvent
  /** The connection ended; a new one is tried. */
  | { readonly type: 'lost'; readonly reason: string }
  /** Connected again; events that came in between are lost. */
  | { readonly type: 'resumed'; readonly where: string };

export type NoticeListener = (notice: Notice) => void;

/** A subscription to some events of one client. */
export interface Listening {
  readonly patterns: readonly string[];
  readonly listener: NoticeListener;
}

/** Returns whether a subscription is to an event of that name. */
export const isWanted = ({ patterns }: Listening, name: string): boolean =>
  patterns.some((pattern) => matches(pattern, name));

/** Returns the events in a notification, one for each VM. */
export function eventsOf({ method: name, params }: Notification): readonly VmEvent[] {
  const kind = name.split('|').at(-2) ?? '';
  const { notify_time: notifyTime, ...details } = params ?? {};
  const events = Object.entries(details).map(([vmId, detail]) => ({
    type: 'event',
    kind,
    name,
    vmId,
    notifyTime,
    detail,
  }));
  // as the contract of events says
  return events as readonly VmEvent[];
}
