interface Line {
  readonly level: string;
  readonly event?: string;
  readonly flow_id?: string;
  readonly method?: string;
  readonly code?: number;
  /** In place of a code, of a request over REST that no verb got. */
  readonly status?: number;
}

/** What vmemd has written to its log about requests. */
export class SoakLog {
  /** The codes of the audit lines of a request, by flow id. */
  readonly audits = new Map<string, number[]>();
  /** Those that have begun, with their verbs, and ended, as far as the level shows that. */
  readonly started = new Map<string, string[]>();
  readonly finished = new Map<string, number>();
  readonly problems: string[] = [];
  lines = 0;

  startRound(): void {
    this.audits.clear();
    this.started.clear();
    this.finished.clear();
  }

  read(text: string): void {
    this.lines += 1;
    if (!text.startsWith('{')) {
      this.#wrong(text);
      return;
    }
    this.#note(JSON.parse(text) as Line);
  }

  #note(line: Line): void {
    const { level, event, flow_id: flowId, method = '', status = 0, code = status } = line;
    // an error without a bug may be what a fault has caused
    if (event === 'bug' || level === 'fatal') this.#wrong(JSON.stringify(line));
    if (flowId === undefined) return;
    if (event === 'audit') this.audits.set(flowId, [...(this.audits.get(flowId) ?? []), code]);
    if (event === 'start') {
      this.started.set(flowId, [...(this.started.get(flowId) ?? []), method]);
    }
    if (event === 'finish') this.finished.set(flowId, code);
  }

  #wrong(words: string): void {
    if (this.problems.length < 50) this.problems.push(`in the log: ${words}`);
  }
}
