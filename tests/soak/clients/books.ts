/** A request of a client. */
export interface Request {
  readonly method: string;
  readonly params: object;
  /** Names it in vmemd's log; unlike any other. */
  readonly flowId: string;
}

export type Reply =
  | { readonly kind: 'result'; readonly result: unknown }
  | { readonly kind: 'error'; readonly code: number; readonly message: string }
  /** The connection ended first; `isOwn` if the client is to blame, which ended it or did not read. */
  | { readonly kind: 'lost'; readonly isOwn: boolean };

/** What became of a request; `open` until it is known. */
export type Fate = 'open' | 'result' | 'error' | 'lost' | 'cut';

export interface Entry {
  readonly method: string;
  fate: Fate;
}

/** What all clients have sent and got, and what was wrong with that. */
export class Books {
  readonly problems: string[] = [];
  readonly counts: Record<string, number> = {};
  readonly methods: Record<string, number> = {};
  /** The requests since {@link startRound}, by flow id. */
  readonly round = new Map<string, Entry>();
  /** The flow ids of requests that were sent in part only. */
  readonly unsent = new Set<string>();
  #number = 0;

  nextFlowId(): string {
    return `soak-${String((this.#number += 1))}`;
  }

  startRound(): void {
    this.round.clear();
    this.unsent.clear();
  }

  count(what: string, by = 1): void {
    this.counts[what] = (this.counts[what] ?? 0) + by;
  }

  sent({ method, flowId }: Request): void {
    this.count('requests');
    this.methods[method] = (this.methods[method] ?? 0) + 1;
    this.round.set(flowId, { method, fate: 'open' });
  }

  settled({ flowId }: Request, reply: Reply): void {
    const entry = this.round.get(flowId);
    const fate = reply.kind === 'lost' && reply.isOwn ? 'cut' : reply.kind;
    this.count(fate);
    if (entry) entry.fate = fate;
  }

  /** Notes what must never happen. */
  wrong(words: string): void {
    // one fault may show itself at every request
    if (this.problems.length < 100) this.problems.push(words);
  }

  open(): readonly string[] {
    const open = [...this.round].filter(([, { fate }]) => fate === 'open');
    return open.map(([flowId, { method }]) => `${method} ${flowId}`);
  }
}
