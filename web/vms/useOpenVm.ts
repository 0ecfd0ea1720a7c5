import { useCallback, useEffect, useState } from 'preact/hooks';

const PREFIX = '#vm=';

const inAddress = (): string | undefined =>
  location.hash.startsWith(PREFIX) ? location.hash.slice(PREFIX.length) : undefined;

/** Returns the VM whose details are open, and how to open another one; the address names it, so that it can be sent. */
export function useOpenVm(): [string | undefined, (id: string | undefined) => void] {
  const [id, setId] = useState(inAddress);
  useEffect(() => {
    const update = (): void => setId(inAddress());
    window.addEventListener('hashchange', update);
    return () => window.removeEventListener('hashchange', update);
  }, []);
  const open = useCallback((next: string | undefined): void => {
    const address = next === undefined ? location.pathname + location.search : PREFIX + next;
    history.replaceState(null, '', address);
    setId(next);
  }, []);
  return [id, open];
}
