import { createContext } from 'preact';
import { useContext, useEffect, useState } from 'preact/hooks';
import { Disconnected } from './connection.ts';
import type { Feed, FeedState } from './feed.ts';
import type { Method, Params, Result } from './methods.ts';

export const FeedContext = createContext<Feed | undefined>(undefined);

export function useFeed(): Feed {
  const feed = useContext(FeedContext);
  if (!feed) throw new Error('there is no feed above this component');
  return feed;
}

/** Returns the state of the feed; renders again when it changes. */
export function useFeedState(): FeedState {
  const feed = useFeed();
  const [state, setState] = useState(feed.state);
  useEffect(() => {
    const update = (): void => setState(feed.state);
    update();
    return feed.listen(update);
  }, [feed]);
  return state;
}

export interface Reading<T> {
  readonly result?: T;
  /** Why there is no newer result. */
  readonly problem?: string;
}

/** Calls a verb now, after each reconnection and every so many ms; keeps the last result meanwhile. */
export function useReading<M extends Method>(
  method: M,
  params: Params<M>,
  everyMs: number,
): Reading<Result<M>> {
  const feed = useFeed();
  const [reading, setReading] = useState<Reading<Result<M>>>({});
  const key = JSON.stringify(params);
  useEffect(() => {
    let isOver = false;
    let timer: number | undefined;
    setReading({});
    const read = async (): Promise<void> => {
      try {
        const result = await feed.call(method, params);
        if (!isOver) setReading({ result });
      } catch (error) {
        if (isOver) return;
        const { message } = error as Error;
        if (!(error instanceof Disconnected)) setReading((last) => ({ ...last, problem: message }));
      }
      if (!isOver) timer = window.setTimeout(() => void read(), everyMs);
    };
    void read();
    return () => {
      isOver = true;
      window.clearTimeout(timer);
    };
  }, [feed, method, key, everyMs]);
  return reading;
}

/** Returns the time in ms (as Date.now), and renders again each second. */
export function useNow(): number {
  const [now, setNow] = useState(Date.now());
  useEffect(() => {
    const timer = window.setInterval(() => setNow(Date.now()), 1000);
    return () => window.clearInterval(timer);
  }, []);
  return now;
}
