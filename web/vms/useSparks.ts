import { useEffect, useMemo, useState } from 'preact/hooks';
import { useFeed } from '../connection/hooks.ts';
import { Sparks } from './sparks.ts';

/** Returns the histories of these VMs, which are read as needed. */
export function useSparks(ids: readonly string[]): Sparks {
  const feed = useFeed();
  const [, setVersion] = useState(0);
  const sparks = useMemo(() => new Sparks(feed, () => setVersion((last) => last + 1)), [feed]);
  useEffect(() => sparks.want(ids));
  return sparks;
}
