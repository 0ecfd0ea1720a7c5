import type { Cancel, Clock } from '../../common/clock.ts';
import { Milliseconds } from '../../common/units.ts';

/** The longest silence of each side, 0 for a side without heart-beats. */
export interface HeartBeat {
  readonly ours: Milliseconds;
  readonly theirs: Milliseconds;
}

const MINIMUM = 1000;
/** STOMP 1.2 §Heart-beating requires a margin of error. */
const MARGIN = 2;

/** Negotiates CONNECT's `heart-beat` header: at least 1000 ms each, as in VDSM; none for an invalid header. */
export function negotiate(header = ''): HeartBeat {
  const [, theirs = '0', ours = '0'] = /^\s*(\d{1,9})\s*,\s*(\d{1,9})\s*$/.exec(header) ?? [];
  return { ours: atLeastMinimum(ours), theirs: atLeastMinimum(theirs) };
}

const atLeastMinimum = (text: string): Milliseconds => {
  const interval = Number(text);
  return Milliseconds(interval === 0 ? 0 : Math.max(interval, MINIMUM));
};

/** Returns CONNECTED's header; without blanks, which the Java client cannot parse. */
export const heartBeatHeader = ({ ours, theirs }: HeartBeat): string =>
  `${String(ours)},${String(theirs)}`;

export interface Pulse {
  readonly clock: Clock;
  /** Returns when anything was last sent. */
  sentAt(): Milliseconds;
  /** Returns when anything was last received. */
  receivedAt(): Milliseconds;
  /** Sends a heart-beat. */
  beat(): void;
  /** Called when the client has been silent for too long. */
  lost(): void;
}

/** Sends and expects heart-beats until cancelled. */
export function keepHeartBeat({ ours, theirs }: HeartBeat, pulse: Pulse): Cancel {
  const { clock } = pulse;
  const timeout = Milliseconds(theirs * MARGIN);
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
          timeout,
          () => pulse.receivedAt(),
          () => pulse.lost(),
        ),
      ]
    : []),
  ];
  return () => {
    for (const stop of stops) stop();
  };
}

/** Runs `act` whenever `lastAt` is `period` ago. Uses one timer, whatever the traffic. */
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
