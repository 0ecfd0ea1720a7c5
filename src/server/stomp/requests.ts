import type { Clock } from '../../common/clock.ts';
import type { Milliseconds } from '../../common/units.ts';
import type { Caller } from '../../jsonrpc/call.ts';
import type { Dispatch } from '../../jsonrpc/dispatch.ts';

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
  /** Hears of each of these. */
  readonly onStray: (json: string) => void;
  /** `isLast`: no other reply is to be expected soon. */
  readonly deliver: (json: string, destination: string, isLast: boolean) => void;
}

/** The requests of one client that still run. */
export class Requests {
  readonly #options: RequestsOptions;
  #running = 0;
  #idle = (): void => undefined;

  constructor(options: RequestsOptions) {
    this.#options = options;
  }

  run({ text, replyTo, flowId }: Request): void {
    const { dispatch, caller, strays, onStray, deliver } = this.#options;
    this.#running++;
    void dispatch(text, caller, flowId).then((reply) => {
      const isLast = --this.#running === 0;
      // a client that waits at `replyTo` may break at a reply to nothing that it asked
      const { answer, stray } = reply === undefined ? {} : sort(reply);
      if (stray !== undefined) {
        onStray(stray);
        deliver(stray, strays, isLast && answer === undefined);
      }
      if (answer !== undefined) deliver(answer, replyTo, isLast);
      if (isLast) this.#idle();
    });
  }

  /** Fulfils when none runs any more or the time is up. */
  settle(clock: Clock, deadline: Milliseconds): Promise<void> {
    return new Promise((resolve) => {
      const cancel = clock.after(deadline, resolve);
      this.#idle = () => {
        cancel();
        resolve();
      };
      if (this.#running === 0) this.#idle();
    });
  }
}

/** How a reply begins whose request had no id to be told by. */
const WITHOUT_ID = '{"jsonrpc":"2.0","id":null,';

interface Sorted {
  readonly answer?: string;
  /** What belongs to no request. */
  readonly stray?: string;
}

function sort(reply: string): Sorted {
  if (reply.startsWith(WITHOUT_ID)) return { stray: reply };
  if (!reply.startsWith('[') || !reply.includes(WITHOUT_ID)) return { answer: reply };
  const list = JSON.parse(reply) as readonly { readonly id: unknown }[];
  const strays = list.filter(({ id }) => id === null);
  const answers = list.filter(({ id }) => id !== null);
  return {
    ...(strays.length > 0 ? { stray: JSON.stringify(strays) } : {}),
    ...(answers.length > 0 ? { answer: JSON.stringify(answers) } : {}),
  };
}
