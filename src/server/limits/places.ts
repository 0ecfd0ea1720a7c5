import type { Socket } from 'node:net';
import type { Cancel, Clock } from '../../common/clock.ts';
import { Milliseconds } from '../../common/units.ts';

/** What is known of a peer. Each class has places of its own, so that none takes those of another. */
export type PeerClass =
  /** On another machine, before its TLS handshake is complete. */
  | 'arriving'
  /** On this machine, before its protocol is known. */
  | 'arriving-local'
  /** Any user of this machine. */
  | 'local'
  /** Root or vmemd's own user. */
  | 'privileged'
  /** On another machine, with a certificate if TLS is on. */
  | 'remote';

export interface Limit {
  readonly places: number;
  /** Places that one peer may take. */
  readonly perPeer: number;
}

export type Limits = Readonly<Record<PeerClass, Limit>>;

const defaultLimits: Limits = {
  arriving: { places: 128, perPeer: 64 },
  'arriving-local': { places: 128, perPeer: 128 },
  local: { places: 256, perPeer: 256 },
  privileged: { places: 128, perPeer: 128 },
  remote: { places: 512, perPeer: 128 },
};

type Connection = Pick<Socket, 'bytesRead' | 'destroy' | 'destroyed' | 'once' | 'remoteAddress'>;

interface Place {
  readonly socket: Connection;
  readonly peerClass: PeerClass;
  /** An address or a local user. */
  readonly peer: string;
  bytesRead: number;
  /** When bytes were last seen to have arrived. */
  readAt: Milliseconds;
}

export interface PlacesOptions {
  readonly clock: Clock;
  readonly limits?: Partial<Limits>;
  /** Called for a connection that is closed to make room. */
  readonly evicted: (socket: Connection, peerClass: PeerClass) => void;
}

const LOOK_INTERVAL = Milliseconds(5000);

/**
 * The places of connections. A newcomer always gets one: if its class has none left, the connection that has been silent
 * for longest, of the peer that has most in that class, is closed.
 */
export class Places {
  readonly #options: PlacesOptions;
  readonly #limits: Limits;
  readonly #places = new Map<Connection, Place>();
  #cancel: Cancel;

  constructor(options: PlacesOptions) {
    this.#options = options;
    this.#limits = { ...defaultLimits, ...options.limits };
    this.#cancel = this.#lookLater();
  }

  /** Returns how many connections of a class there are. */
  count(peerClass: PeerClass): number {
    return this.#in(peerClass).length;
  }

  /** Gives a connection a place, or another one after more is known of its peer. */
  take(socket: Connection, peerClass: PeerClass, peer: string): void {
    if (socket.destroyed) return;
    const known = this.#places.get(socket);
    if (!known) socket.once('close', () => this.#places.delete(socket));
    this.#places.delete(socket);
    this.#makeRoom(peerClass, peer);
    const { bytesRead, readAt } = known ?? {
      bytesRead: socket.bytesRead,
      readAt: this.#options.clock.now(),
    };
    this.#places.set(socket, { socket, peerClass, peer, bytesRead, readAt });
  }

  stop(): void {
    this.#cancel();
  }

  #makeRoom(peerClass: PeerClass, peer: string): void {
    const { places, perPeer } = this.#limits[peerClass];
    const present = this.#in(peerClass);
    const own = present.filter((place) => place.peer === peer);
    if (own.length >= perPeer) this.#evict(own);
    else if (present.length >= places) this.#evict(largestOf(present));
  }

  #evict(places: readonly Place[]): void {
    this.#look();
    const { socket, peerClass } = places.reduce((a, b) => (b.readAt < a.readAt ? b : a));
    this.#places.delete(socket);
    this.#options.evicted(socket, peerClass);
    socket.destroy();
  }

  #in(peerClass: PeerClass): Place[] {
    return [...this.#places.values()].filter((place) => place.peerClass === peerClass);
  }

  #lookLater(): Cancel {
    return this.#options.clock.after(LOOK_INTERVAL, () => {
      this.#look();
      this.#cancel = this.#lookLater();
    });
  }

  /** Sees who has sent bytes; HTTP reads them without an event. */
  #look(): void {
    const now = this.#options.clock.now();
    for (const place of this.#places.values()) {
      const { bytesRead } = place.socket;
      if (bytesRead === place.bytesRead) continue;
      place.bytesRead = bytesRead;
      place.readAt = now;
    }
  }
}

/** Returns the places of the peer that has most. */
function largestOf(places: readonly Place[]): readonly Place[] {
  const byPeer = new Map<string, Place[]>();
  for (const place of places) {
    const own = byPeer.get(place.peer);
    if (own) own.push(place);
    else byPeer.set(place.peer, [place]);
  }
  const most = Math.max(...[...byPeer.values()].map((own) => own.length));
  // of several such peers each may have the connection that is silent for longest
  return [...byPeer.values()].filter((own) => own.length === most).flat();
}

/** Returns whom an address counts for: itself, or its network if it is of IPv6, where a peer has a whole one. */
export function peerOf(address: string): string {
  if (!address.includes(':')) return address;
  const [head = ''] = address.split('::');
  return head.split(':').slice(0, 4).join(':');
}
