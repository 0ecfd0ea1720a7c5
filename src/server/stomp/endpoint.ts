import type { Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import type { AccessClass } from '../../access/accessClass.ts';
import type { Milliseconds } from '../../common/units.ts';
import { InFlight } from '../limits/inFlight.ts';
import { type Client, clientOf } from '../peer/client.ts';
import type { UserOf } from '../peer/localUsers.ts';
import { defaultQueues } from './queues.ts';
import { type Carrier, Session, type SessionOptions } from './session.ts';

const MiB = 1024 * 1024;

type Needed = 'dispatch' | 'events' | 'log' | 'clock';

/** {@link SessionOptions}, of which those with a default may be left out. */
export interface StompOptions
  extends Pick<SessionOptions, Needed>, Partial<Omit<SessionOptions, Needed>> {
  readonly userOf?: UserOf;
}

/** JSON-RPC over STOMP 1.2 as in VDSM: requests are sent to queues, replies and events come from them. */
export class StompEndpoint {
  readonly #options: SessionOptions;
  readonly #userOf: UserOf | undefined;
  readonly #sessions = new Set<Session>();
  #closing = false;

  constructor({ userOf, ...options }: StompOptions) {
    this.#userOf = userOf;
    this.#options = {
      queues: defaultQueues,
      requests: new InFlight(),
      maxMessage: 4 * MiB,
      maxUnread: 16 * MiB,
      ...options,
    };
  }

  /** Takes over a connection, plain or TLS, of a STOMP client. */
  accept(socket: Socket, access: AccessClass): void {
    const client = clientOf(socket, 'stomp', access, this.#userOf);
    this.#serve(socket, { client, isMessages: false });
  }

  /** Takes over a client's stream of messages, as of a WebSocket. */
  acceptMessages(stream: Duplex, client: Client): void {
    this.#serve(stream, { client, isMessages: true });
  }

  #serve(stream: Duplex, carrier: Carrier): void {
    if (this.#closing) {
      stream.destroy();
      return;
    }
    const session = new Session(stream, carrier, this.#options);
    this.#sessions.add(session);
    void session.closed.then(() => this.#sessions.delete(session));
  }

  /** Accepts no further requests, waits for running ones until `deadline` has passed, then closes. */
  async close(deadline: Milliseconds): Promise<void> {
    this.#closing = true;
    await Promise.all([...this.#sessions].map((session) => session.finish(deadline)));
  }
}
