import { render } from 'preact';
import { App } from './app.tsx';
import { Feed } from './connection/feed.ts';
import { FeedContext } from './connection/hooks.ts';
import { applyTheme, savedTheme } from './parts/theme.ts';
import { installTips } from './parts/tips.ts';
import './style/index.css';

applyTheme(savedTheme());
installTips(document);

const protocol = location.protocol === 'https:' ? 'wss:' : 'ws:';
const feed = new Feed(`${protocol}//${location.host}/`);
const place = document.getElementById('page');
if (!place) throw new Error('the document has no place for the page');
render(
  <FeedContext.Provider value={feed}>
    <App />
  </FeedContext.Provider>,
  place,
);
