import { useState } from 'preact/hooks';
import { useFeed } from '../connection/hooks.ts';
import type { Action } from './action.ts';

/** Where an action is: its form, what will happen, or what came of it. */
export type Step<T> =
  | { readonly at: 'form'; readonly problem?: string | undefined }
  | { readonly at: 'plan'; readonly value: T; readonly words: readonly string[] }
  | { readonly at: 'end'; readonly words: readonly string[]; readonly isRefused: boolean };

/** Returns the step of an action and what leads to the next ones. */
export function useSteps<T>(action: Action<T>) {
  const feed = useFeed();
  const [step, setStep] = useState<Step<T>>({ at: 'form' });
  const [isBusy, setBusy] = useState(false);

  const go = async (next: () => Promise<Step<T>>, after: (reason: string) => Step<T>) => {
    setBusy(true);
    setStep(await next().catch((error: unknown) => after((error as Error).message)));
    setBusy(false);
  };
  return {
    step,
    isBusy,
    review: (value: T): void => {
      void go(
        async () => ({ at: 'plan', value, words: await action.plan(value, feed) }),
        (problem) => ({ at: 'form', problem }),
      );
    },
    run: (value: T): void => {
      void go(
        async () => ({ at: 'end', words: await action.run(value, feed), isRefused: false }),
        (reason) => ({ at: 'end', words: [reason], isRefused: true }),
      ).then(() => feed.refresh());
    },
    back: (problem?: string): void => {
      setStep({ at: 'form', problem });
    },
  };
}
