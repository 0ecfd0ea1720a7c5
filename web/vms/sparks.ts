import type { Feed } from '../connection/feed.ts';
import type { Result } from '../connection/methods.ts';
import { rangeOf, thin } from '../model/spark.ts';

const POINTS = 60;
const LIFETIME_MS = 60_000;
const RETRY_MS = 10_000;
/** Requests under way: the figures of the rows go first. */
const AT_ONCE = 2;

/** The last hour of one VM in a few points. */
export interface Spark {
  readonly used: readonly (number | null)[];
  readonly current: readonly (number | null)[];
  readonly top: number;
}

/** The histories of the VMs that are on the screen, read one after another and again each minute. */
export class Sparks {
  readonly #feed: Feed;
  readonly #changed: () => void;
  readonly #found = new Map<string, Spark>();
  readonly #due = new Map<string, number>();
  #wanted: readonly string[] = [];
  #underWay = 0;

  constructor(feed: Feed, changed: () => void) {
    this.#feed = feed;
    this.#changed = changed;
  }

  get(id: string): Spark | undefined {
    return this.#found.get(id);
  }

  /** Says which VMs are on the screen. */
  want(ids: readonly string[]): void {
    this.#wanted = ids;
    this.#read();
  }

  #read(): void {
    const now = performance.now();
    while (this.#underWay < AT_ONCE && this.#feed.state.isConnected) {
      const id = this.#wanted.find((each) => (this.#due.get(each) ?? 0) <= now);
      if (id === undefined) return;
      this.#due.set(id, now + LIFETIME_MS);
      this.#underWay += 1;
      void this.#readOne(id).finally(() => {
        this.#underWay -= 1;
        this.#read();
      });
    }
  }

  async #readOne(vmID: string): Promise<void> {
    try {
      const { series } = await this.#feed.call('VM.getMemoryHistory', { vmID });
      this.#found.set(vmID, sparkOf(series));
      this.#changed();
    } catch {
      // a row without its picture still has its figures
      this.#due.set(vmID, performance.now() + RETRY_MS);
    }
  }
}

function sparkOf({
  used_kib,
  current_kib,
  maximum_kib,
}: Result<'VM.getMemoryHistory'>['series']): Spark {
  const most = [maximum_kib, current_kib, used_kib].map((values) => rangeOf(values)?.most ?? 0);
  return {
    used: thin(used_kib, POINTS),
    current: thin(current_kib, POINTS),
    top: Math.max(...most),
  };
}
