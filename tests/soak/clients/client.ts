import { setTimeout as pause } from 'node:timers/promises';
import { between, type Operation, type Random, UNSENT } from '../model/operation.ts';
import type { Books, Request } from './books.ts';
import type { OpenWire, Place, Wire } from './wire.ts';

export interface ClientOptions {
  readonly open: OpenWire;
  readonly isTls: boolean;
  readonly place: Place;
  readonly books: Books;
  readonly random: Random;
  /** Returns what to send next; undefined for nothing. */
  readonly draw: () => Operation | undefined;
  /** How long it thinks between two requests at most, in ms. */
  readonly thinks: number;
}

const RETRY = 200;

/** A client that connects, sends requests, and leaves in one of many ways, again and again. */
export class SoakClient {
  readonly #options: ClientOptions;
  #isOver = false;

  constructor(options: ClientOptions) {
    this.#options = options;
  }

  /** Fulfils when all that it sent is answered or lost after {@link stop}. */
  async run(): Promise<void> {
    const { open, books, random } = this.#options;
    this.#isOver = false;
    while (!this.#hasStopped()) {
      const wire = await open(this.#options).catch(() => undefined);
      if (!wire) {
        books.count('refused connections');
        await pause(RETRY);
        continue;
      }
      books.count('connections');
      await this.#talk(wire);
      // when all are to stop, they leave in peace
      if (this.#hasStopped() || random() < 0.6) await wire.close();
      else await this.#leave(wire);
    }
  }

  stop(): void {
    this.#isOver = true;
  }

  #hasStopped(): boolean {
    return this.#isOver;
  }

  async #talk(wire: Wire): Promise<void> {
    const { random, thinks } = this.#options;
    let left = between(random, 5, 80);
    const lane = async (): Promise<void> => {
      while (wire.isOpen && !this.#hasStopped() && left > 0) {
        left -= 1;
        await this.#ask(wire, random() < 0.05 ? between(random, 2, 5) : 1);
        await pause(thinks * random());
      }
    };
    await Promise.all(Array.from({ length: between(random, 1, 3) }, lane));
  }

  async #ask(wire: Wire, count: number): Promise<void> {
    const { draw } = this.#options;
    const operations: Operation[] = [];
    while (operations.length < count) {
      const operation = draw();
      if (!operation) continue;
      if (wire.sends(operation.method)) operations.push(operation);
      else operation.learn?.(UNSENT);
    }
    const replies = await wire.send(operations.map((each) => this.#requestOf(each)));
    operations.forEach(({ learn }, index) => {
      const reply = replies[index];
      if (reply) learn?.(reply);
    });
  }

  #requestOf({ method, params }: Operation): Request {
    return { method, params, flowId: this.#options.books.nextFlowId() };
  }

  /** Leaves rudely. */
  async #leave(wire: Wire): Promise<void> {
    const { random, books } = this.#options;
    const way = random();
    if (way < 0.4) {
      const asked = this.#ask(wire, between(random, 1, 5));
      await pause(5 * random());
      books.count('connections cut with requests under way');
      wire.cut();
      await asked;
    } else if (way < 0.7) this.#cutWithin(wire);
    else await this.#readNothing(wire);
  }

  #cutWithin(wire: Wire): void {
    const { draw, books } = this.#options;
    const operation = draw();
    operation?.learn?.(UNSENT);
    if (!operation || !wire.isOpen || !wire.sends(operation.method)) {
      wire.cut();
      return;
    }
    const request = this.#requestOf(operation);
    books.count('connections cut within a request');
    books.unsent.add(request.flowId);
    wire.cutWithin(request);
  }

  async #readNothing(wire: Wire): Promise<void> {
    const { random, books } = this.#options;
    books.count('connections that stop reading');
    wire.pause();
    const asked = Array.from({ length: between(random, 1, 20) }, () => this.#ask(wire, 1));
    await pause(3000 * random());
    if (random() < 0.5) wire.cut();
    wire.resume();
    await Promise.all(asked);
    wire.cut();
  }
}
