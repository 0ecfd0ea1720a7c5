import { setTimeout as pause } from 'node:timers/promises';
import { Client } from '../../src/client/index.ts';
import { balance, lostAtEnd } from './accounts.ts';
import { Books } from './clients/books.ts';
import { Crowd } from './clients/crowd.ts';
import type { Figures } from './daemon/messages.ts';
import type { SoakDaemon } from './daemon/soakDaemon.ts';
import { judge, settle } from './judge.ts';
import { growth } from './limits.ts';
import { Model } from './model/model.ts';
import type { SoakReport } from './report.ts';
import { seeded } from '../simulation/seeded.ts';
import { resumeAll, tidy } from './tidy.ts';

/** What takes longer than this never ends, however busy the machine. */
const PATIENCE = 180_000;
const LOOK_MS = 500;
/** A measurement takes a second of vmemd. */
const MEASURE_MS = 2000;
/** Requests of the crowd before SIGTERM. */
const IN_THE_MIDDLE = 1000;

interface SoakOptions {
  readonly seed: number;
  readonly report: SoakReport;
  /** Whether vmemd is to compare all VMs at once after each round, instead of when it does so by itself. */
  readonly isHasty: boolean;
}

/** A vmemd under load, in rounds: all clients work for some time, then all is at rest, judged and measured. */
export class Soak {
  readonly daemon: SoakDaemon;
  readonly books = new Books();
  readonly rests: Figures[] = [];
  readonly #model = new Model();
  readonly #crowd: Crowd;
  readonly #options: SoakOptions;
  readonly #report: SoakReport;
  #round = 0;

  constructor(daemon: SoakDaemon, options: SoakOptions) {
    this.daemon = daemon;
    this.#options = options;
    this.#report = options.report;
    this.#crowd = new Crowd(daemon.place, this.books, this.#model, seeded(options.seed));
  }

  /** Creates all VMs. */
  async fill(): Promise<void> {
    await this.#alone(async (client) => {
      while (!(await isReady(client))) await pause(LOOK_MS);
      await tidy(this.#model, client, this.#report);
    });
  }

  /** Lets all clients work for so many seconds, then judges and measures. */
  async round(seconds: number): Promise<void> {
    this.#round += 1;
    this.#begin();
    await pause(seconds * 1000);
    const began = performance.now();
    await this.#rest();
    const figures = await this.#measure();
    this.rests.push(figures);
    this.#report.figure(`round ${String(this.#round)}`, shown(figures, this.books));
    this.#report.figure('judged and measured within', `${since(began)} s`);
  }

  /** Ends vmemd in the middle of the load. */
  async end(): Promise<void> {
    await this.#alone((client) => client.call('Host.setLogLevel', { level: 'DEBUG' }));
    const { counts } = this.books;
    const { requests = 0 } = counts;
    this.#begin();
    while ((counts['requests'] ?? 0) < requests + IN_THE_MIDDLE) await pause(LOOK_MS);
    this.daemon.signal('SIGTERM');
    const [code, signal] = await this.daemon.ended;
    this.#report.check('SIGTERM under load: status 0', code === 0, signal ?? code ?? '');
    this.#report.check('all clients have ended', await this.#crowd.stop(PATIENCE));
    const lost = lostAtEnd(this.books, this.daemon.log);
    this.#check('no request is lost without a word', lost);
    this.#check('no request is answered or carried out twice', this.books.problems);
  }

  #begin(): void {
    this.books.startRound();
    this.daemon.log.startRound();
    // every other round leaves balloons to clients, whose targets then hold
    this.#model.isShared = this.#round % 2 === 1;
    void this.daemon.ask('stir');
    this.#crowd.start();
  }

  async #rest(): Promise<void> {
    const { books, daemon } = this;
    const name = `round ${String(this.#round)}`;
    const hasEnded = await this.#crowd.stop(PATIENCE);
    this.#check(`${name}: each request is answered`, hasEnded ? [] : books.open());
    await daemon.ask('calm');
    await this.#alone(async (client) => {
      await client.call('Host.setPolicy', { mode: 'off' });
      await resumeAll(client);
      const { verdict, problems } = await this.#verdict(client);
      this.#check(`${name}: model, vmemd and host agree`, problems);
      settle(this.#model, verdict);
      await tidy(this.#model, client, this.#report);
    });
    this.#check(`${name}: the log has no errors`, daemon.log.problems);
    daemon.log.problems.length = 0;
  }

  /** Judges until all agree, or nothing can change that any more. */
  async #verdict(client: Client) {
    while ((await this.daemon.ask('state')).hasLate) await pause(LOOK_MS);
    if (this.#options.isHasty) await this.daemon.ask('reconnect');
    for (const end = performance.now() + PATIENCE; ;) {
      await pause(LOOK_MS);
      const verdict = await judge(this.#model, client, await this.daemon.ask('state'));
      const problems = [
        ...verdict.problems,
        ...balance(this.books, this.daemon.log),
        ...this.books.problems,
      ];
      if (problems.length === 0 || performance.now() > end) return { verdict, problems };
      this.#report.waiting(problems);
    }
  }

  /** Measures vmemd without clients, until it is as at the first rest. */
  async #measure(): Promise<Figures> {
    const [, first] = [this.#round, this.rests[0]];
    for (const end = performance.now() + PATIENCE; ;) {
      // vmemd has not seen yet that the last client is gone
      await pause(MEASURE_MS);
      const figures = await this.daemon.ask('figures');
      const problems = first ? growth(first, figures) : [];
      if (problems.length > 0 && performance.now() < end) {
        this.#report.waiting(problems);
        continue;
      }
      if (first) this.#check(`round ${String(this.#round)}: nothing has grown`, problems);
      return figures;
    }
  }

  #check(words: string, problems: readonly string[]): void {
    this.#report.check(words, problems.length === 0, problems.slice(0, 20).join('\n         '));
  }

  async #alone<T>(work: (client: Client) => Promise<T>): Promise<T> {
    const { unixSocket: path } = this.daemon.place;
    const client = new Client({ targets: [{ kind: 'unix', path }] });
    try {
      return await work(client);
    } finally {
      await client.close();
    }
  }
}

const since = (began: number): string => ((performance.now() - began) / 1000).toFixed(0);

const isReady = (client: Client): Promise<boolean> =>
  client.call('Host.getVMList').then(
    () => true,
    () => false,
  );

const shown = (figures: Figures, { counts }: Books): string => {
  const { heap, rss, trail, fds, sockets, resources, timers, listeners, cpu } = figures;
  const mib = (bytes: number): string => `${(bytes / 1024 ** 2).toFixed(1)} MiB`;
  return [
    `${String(counts['requests'] ?? 0)} requests`,
    `heap ${mib(heap)}, rss ${mib(rss)}, trail ${mib(trail)}`,
    `fds ${String(fds)}, sockets ${String(sockets)}, handles ${String(resources)}`,
    `timers ${String(timers)}, listeners ${String(listeners)}, cpu ${cpu.toFixed(1)} s`,
  ].join('; ');
};
