import { escape } from './frame.ts';
import { StompError } from './stompErrors.ts';

const MAX_SUBSCRIPTIONS = 100;

/** The subscriptions of one client by id. */
export class Subscriptions {
  readonly #byId = new Map<string, Subscription>();
  #messages = 0;

  /** Throws {@link StompError} as VDSM does, and for too many subscriptions. */
  add(id: string | undefined, destination: string | undefined): void {
    if (id === undefined || destination === undefined) {
      throw new StompError('Missing destination or subscription id header');
    }
    if (this.#byId.has(id)) throw new StompError('Subscription id already exists');
    if (this.#byId.size >= MAX_SUBSCRIPTIONS) throw new StompError('Too many subscriptions');
    this.#byId.set(id, new Subscription(id, destination));
  }

  /** Ignores unknown ids; throws {@link StompError} without an id. */
  remove(id: string | undefined): void {
    if (id === undefined) throw new StompError('Missing id header');
    this.#byId.delete(id);
  }

  /** Returns the MESSAGE of a reply: one, for the first subscription to `destination`; undefined without any. */
  reply(destination: string, json: string, minBytes: number): string | undefined {
    return this.#first(destination)?.message(json, ++this.#messages, minBytes);
  }

  /** Returns the MESSAGEs of an event: one for each subscription to `destination`. */
  event(destination: string, json: string, minBytes: number): readonly string[] {
    return [...this.#byId.values()]
      .filter((each) => each.destination === destination)
      .map((each) => each.message(json, ++this.#messages, minBytes));
  }

  #first(destination: string): Subscription | undefined {
    for (const each of this.#byId.values()) if (each.destination === destination) return each;
    return undefined;
  }
}

class Subscription {
  readonly destination: string;
  readonly #head: string;

  constructor(id: string, destination: string) {
    this.destination = destination;
    this.#head =
      `MESSAGE\ndestination:${escape(destination)}\ncontent-type:application/json\n` +
      `subscription:${escape(id)}\n`;
  }

  /** Returns a frame of at least `minBytes`, padded with blanks after the JSON. */
  message(json: string, number: number, minBytes: number): string {
    const head = `${this.#head}message-id:${String(number)}\n`;
    const size = Buffer.byteLength(json);
    const missing = minBytes > 0 ? minBytes - Buffer.byteLength(head) - size : 0;
    if (missing <= 0) return `${head}content-length:${String(size)}\n\n${json}\0`;
    return `${head}content-length:${String(size + missing)}\n\n${json}${' '.repeat(missing)}\0`;
  }
}
