import { useEffect, useMemo, useState } from 'preact/hooks';
import { useFeed } from '../connection/hooks.ts';
import { Sparks } from './sparks.ts';

const REST_MS = 150;
/** Histories are looked at again this often, as they grow old. */
const EVERY_MS = 10_000;

/** Returns the histories of these VMs, which are read as needed. */
export function useSparks(ids: readonly string[]): Sparks {
  const feed = useFeed();
  const [, setVersion] = useState(0);
  const sparks = useMemo(() => new Sparks(feed, () => setVersion((last) => last + 1)), [feed]);
  const key = ids.join();
  useEffect(() => {
    // rows that are scrolled past need none
    const want = (): void => sparks.want(ids);
    const timer = window.setTimeout(want, REST_MS);
    const again = window.setInterval(want, EVERY_MS);
    return () => {
      window.clearTimeout(timer);
      window.clearInterval(again);
    };
  }, [sparks, key]);
  return sparks;
}
