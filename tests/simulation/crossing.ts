/** What can go wrong where something crosses between vmemd and the rest of the world. */
export const FAULTS = [
  'vmemd is killed',
  'the connection is cut',
  'the call is refused',
  'the call is late',
  'the reply is lost',
  'events come before the reply',
  'the event comes twice',
  'the file cannot be written',
] as const;
export type Fault = (typeof FAULTS)[number];

/**
 * One crossing: a call leaves vmemd, or reaches the host; a reply or an event reaches vmemd; a timer wakes vmemd; vmemd
 * replaces a file, or has replaced it.
 */
export interface Crossing {
  readonly kind: 'call' | 'arrival' | 'reply' | 'event' | 'timer' | 'write' | 'written';
  readonly what: string;
  /** Milliseconds on the clock. */
  readonly at: number;
  readonly fault?: Fault;
}

const KINDS: Readonly<Record<Fault, readonly Crossing['kind'][]>> = {
  'vmemd is killed': ['call', 'arrival', 'reply', 'event', 'timer', 'write', 'written'],
  'the connection is cut': ['call', 'arrival', 'reply', 'event', 'timer'],
  'the call is refused': ['arrival'],
  'the call is late': ['arrival'],
  'the reply is lost': ['reply'],
  'events come before the reply': ['reply'],
  'the event comes twice': ['event'],
  'the file cannot be written': ['write'],
};

export const strikes = (fault: Fault, { kind }: Pick<Crossing, 'kind'>): boolean =>
  KINDS[fault].includes(kind);

/** A fault at a crossing, counted from 0 since the boundary was watched. */
export interface Strike {
  readonly at: number;
  readonly fault: Fault;
}

/** What has crossed the boundary, one a line. */
export const told = (crossings: readonly Crossing[]): string =>
  crossings
    .map(({ kind, what, at, fault }, number) => {
      const time = `${(at / 1000).toFixed(3)} s`.padStart(12);
      const mark = fault === undefined ? '' : `   ← ${fault}`;
      return `${String(number).padStart(5)}${time}  ${ARROWS[kind]}  ${what}${mark}`;
    })
    .join('\n');

const ARROWS: Readonly<Record<Crossing['kind'], string>> = {
  call: 'vmemd → …      ',
  arrival: '      … → host ',
  reply: 'vmemd ←   host ',
  event: 'vmemd ←   event',
  timer: 'vmemd ←   clock',
  write: 'vmemd → …      ',
  written: '      … → file ',
};
