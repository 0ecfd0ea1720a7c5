import type { Clock } from '../../clock.ts';
import type { Milliseconds } from '../../units.ts';
import type { Caller } from '../answer.ts';
import type { Dispatch } from '../dispatch.ts';

/** A message of a client for the dispatcher. */
export interface Request {
  readonly text: string;
  readonly replyTo: string;
  readonly flowId: string | undefined;
}

export interface RequestsOptions {
  readonly dispatch: Dispatch;
  readonly caller: Caller;
  /** Where replies go that belong to no request. */
  readonly strays: string;
  readonly deliver: (json: string, destination: string) => void;
}

/** The requests of one client that still run. */
export class Requests {
  readonly #options: RequestsOptions;
  readonly #running = new Set<Promise<void>>();

  constructor(options: RequestsOptions) {
    this.#options = options;
  }

  run({ text, replyTo, flowId }: Request): void {
    const { dispatch, caller, strays, deliver } = this.#options;
    const answered = dispatch(text, caller, flowId).then((reply) => {
      this.#running.delete(answered);
      if (reply === undefined) return;
      // a client that waits at `replyTo` may break at a reply to nothing that it asked
      deliver(reply, reply.startsWith(WITHOUT_ID) ? strays : replyTo);
    });
    this.#running.add(answered);
  }

  /** Fulfils when none runs any more or the time is up. */
  async settle(clock: Clock, deadline: Milliseconds): Promise<void> {
    await new Promise<void>((resolve) => {
      const cancel = clock.after(deadline, resolve);
      void Promise.all(this.#running).then(() => {
        cancel();
        resolve();
      });
    });
  }
}

/** How a reply begins whose request had no id to be told by. */
const WITHOUT_ID = '{"jsonrpc":"2.0","id":null,';
