import { useEffect, useState } from 'preact/hooks';
import type { FeedState } from './connection/feed.ts';
import { ago } from './model/age.ts';
import { applyTheme, nextTheme, savedTheme, type Theme } from './parts/theme.ts';

interface HeaderProps {
  readonly state: FeedState;
  readonly now: number;
}

/** Which host this is, whether its figures are those of now, and the choice of colours. */
export function Header({ state, now }: HeaderProps) {
  const name = state.picture?.host.name ?? location.hostname;
  useEffect(() => {
    document.title = `${name} – memory`;
  }, [name]);
  return (
    <header class="top">
      <h1>
        {name} <span class="product">vmemd</span>
      </h1>
      <span class="grow" />
      <Liveness state={state} now={now} />
      <ThemeButton />
    </header>
  );
}

function Liveness({ state: { isConnected, picture, refusal }, now }: HeaderProps) {
  const age = picture ? (now - picture.at) / 1000 : undefined;
  const isLive = isConnected && refusal === undefined && age !== undefined && age < 5;
  const words =
    isLive ? 'Live'
    : age === undefined ? 'Connecting'
    : `Figures from ${ago(age)}`;
  return (
    <span class={`liveness${isLive ? ' live' : ''}`}>
      <i aria-hidden="true" /> {words}
    </span>
  );
}

const NAMES: Record<Theme, string> = { auto: 'Auto', light: 'Light', dark: 'Dark' };

function ThemeButton() {
  const [theme, setTheme] = useState(savedTheme);
  const change = (): void => {
    const next = nextTheme(theme);
    applyTheme(next);
    setTheme(next);
  };
  return (
    <button
      type="button"
      class="theme"
      onClick={change}
      data-tip="Colours: as the system, light, or dark"
    >
      <span class="visually-hidden">Colours: </span>
      {NAMES[theme]}
    </button>
  );
}
