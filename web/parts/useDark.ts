import { useEffect, useState } from 'preact/hooks';
import { isDark } from './theme.ts';

/** Returns whether the page is dark; renders again when that changes. Canvases have to be drawn again then. */
export function useDark(): boolean {
  const [dark, setDark] = useState(isDark);
  useEffect(() => {
    const update = (): void => setDark(isDark());
    const media = matchMedia('(prefers-color-scheme: dark)');
    media.addEventListener('change', update);
    const chosen = new MutationObserver(update);
    chosen.observe(document.documentElement, { attributeFilter: ['data-theme'] });
    return () => {
      media.removeEventListener('change', update);
      chosen.disconnect();
    };
  }, []);
  return dark;
}
