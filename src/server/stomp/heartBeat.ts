import type { Cancel, Clock } from '../../common/clock.ts';
import { Milliseconds } from '../../common/units.ts';

/** How often each side is heard of at least, 0 for a side that promises nothing. */
export interface HeartBeat {
  readonly ours: Milliseconds;
  readonly theirs: Milliseconds;
}

const MINIMUM = 1000;
/** STOMP 1.2 §Heart-beating asks for a margin of error; a promise is broken when kept by half. */
const GRACE = 2;

/** What CONNECT's `heart-beat` header leads to, at least 1000 ms each, as in VDSM; nothing for what is no such header. */
export function negotiate(header = ''): HeartBeat {
  const [, theirs = '0', ours = '0'] = /^\s*(\d{1,9})\s*,\s*(\d{1,9})\s*$/.exec(header) ?? [];
  return { ours: raised(ours), theirs: raised(theirs) };
}

const raised = (text: string): Milliseconds => {
  const wish = Number(text);
  return Milliseconds(wish === 0 ? 0 : Math.max(wish, MINIMUM));
};

/** The header of CONNECTED; without blanks, which the Java client cannot read. */
export const heartBeatHeader = ({ ours, theirs }: HeartBeat): string =>
  `${String(ours)},${String(theirs)}`;

export interface Pulse {
  readonly clock: Clock;
  /** When we last sent anything. */
  sentAt(): Milliseconds;
  /** When we last heard anything. */
  heardAt(): Milliseconds;
  /** Sends a heart-beat. */
  beat(): void;
  /** The client has been silent for longer than it may. */
  lost(): void;
}

/** Keeps a heart-beat both ways until cancelled. */
export function keepHeartBeat({ ours, theirs }: HeartBeat, pulse: Pulse): Cancel {
  const { clock } = pulse;
  const hotplugTimeouts = Milliseconds(theirs * GRACE);
  const stops = [
    ...(ours > 0 ?
      [
        whenQuiet(
          clock,
          ours,
          () => pulse.sentAt(),
          () => pulse.beat(),
        ),
      ]
    : []),
    ...(theirs > 0 ?
      [
        whenQuiet(
          clock,
          hotplugTimeouts,
          () => pulse.heardAt(),
          () => pulse.lost(),
        ),
      ]
    : []),
  ];
  return () => {
    for (const stop of stops) stop();
  };
}

/** Runs `act` whenever nothing has happened for `period`; one timer, however much happens. */
function whenQuiet(
  clock: Clock,
  period: Milliseconds,
  lastAt: () => Milliseconds,
  act: () => void,
): Cancel {
  const check = (): void => {
    const left = period - (clock.now() - lastAt());
    cancel = clock.after(Milliseconds(left > 0 ? left : period), check);
    if (left <= 0) act();
  };
  let cancel = clock.after(period, check);
  return () => {
    cancel();
  };
}
