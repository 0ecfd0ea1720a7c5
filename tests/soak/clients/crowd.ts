import { setTimeout as pause } from 'node:timers/promises';
import { changeVm, createVm } from '../model/changes.ts';
import { changeHost } from '../model/hostChanges.ts';
import type { Model } from '../model/model.ts';
import { oneOf, type Operation, type Random } from '../model/operation.ts';
import { read } from '../model/reads.ts';
import type { Books } from './books.ts';
import { SoakClient } from './client.ts';
import { openRest } from './restWire.ts';
import { openStomp } from './stompWire.ts';
import { openUnix } from './unixWire.ts';
import { openWebSocket } from './webSocketWire.ts';
import type { OpenWire, Place } from './wire.ts';

interface Kind {
  readonly count: number;
  readonly open: OpenWire;
  readonly isTls?: boolean;
  readonly draw?: (model: Model, random: Random) => Operation | undefined;
}

const request = (method: string, params: object = {}): Operation => ({ method, params });

/** The page's polls, which ask for what has changed since the last one. */
function polls(): () => Operation {
  let since: string | undefined;
  return () => ({
    ...request('Host.getOverview', since === undefined ? {} : { since }),
    learn(reply) {
      if (reply.kind === 'result') since = (reply.result as { revision: string }).revision;
    },
  });
}

const listens = (_model: Model, random: Random): Operation =>
  oneOf(random, [
    request('Events.subscribe', { events: ['*'] }),
    request('Events.subscribe', { events: ['|virt|VM_memory|*'] }),
    request('Events.unsubscribe', { events: ['*'] }),
    request('Host.ping2'),
  ]) ?? request('Host.ping2');

function work(model: Model, random: Random): Operation | undefined {
  if (random() < 0.4) return read(model, random);
  if (random() < 0.02) return changeHost(model, random);
  const vm = model.drawVm(random);
  return vm ? (vm.exists && changeVm(vm, random, model)) || undefined : createVm(model, random);
}

/** 50 clients. */
const KINDS: readonly Kind[] = [
  { count: 11, open: openWebSocket },
  { count: 4, open: openWebSocket, isTls: true },
  { count: 8, open: openStomp },
  { count: 6, open: openStomp, isTls: true },
  { count: 3, open: openRest('json') },
  { count: 3, open: openRest('xml') },
  { count: 1, open: openRest('json'), isTls: true },
  { count: 1, open: openRest('xml'), isTls: true },
  { count: 7, open: openUnix },
  { count: 2, open: openRest('json'), draw: () => request('metrics') },
  { count: 2, open: openWebSocket, draw: polls() },
  { count: 2, open: openWebSocket, draw: listens },
];

/** All clients, which work and rest together. */
export class Crowd {
  readonly clients: readonly SoakClient[];
  #running: Promise<unknown> = Promise.resolve();

  constructor(place: Place, books: Books, model: Model, random: Random) {
    this.clients = KINDS.flatMap(({ count, open, isTls = false, draw = work }) =>
      Array.from({ length: count }, () => {
        const options = { open, isTls, place, books, random, thinks: 100 };
        return new SoakClient({ ...options, draw: () => draw(model, random) });
      }),
    );
  }

  start(): void {
    this.#running = Promise.all(this.clients.map((client) => client.run()));
  }

  /** Fulfils when all requests are answered or lost; returns false if that takes longer than any of them may. */
  async stop(patience: number): Promise<boolean> {
    for (const client of this.clients) client.stop();
    const late = new AbortController();
    const isLate = pause(patience, false, { signal: late.signal }).catch(() => false);
    const hasEnded = await Promise.race([this.#running.then(() => true), isLate]);
    late.abort();
    return hasEnded;
  }
}
