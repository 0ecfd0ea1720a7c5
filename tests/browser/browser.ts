import { type Browser, type BrowserContextOptions, chromium, type Page } from 'playwright-core';
import { CHROMIUM } from '../support/chromium.ts';

const ARGUMENTS = [
  '--headless',
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];

/** Starts the browser; `more` are further arguments. */
export const launch = (...more: readonly string[]): Promise<Browser> =>
  chromium.launch({ executablePath: CHROMIUM, args: [...ARGUMENTS, ...more] });

/** A page, and what should not happen in it. */
export interface Watched {
  readonly page: Page;
  /** Errors of its scripts, what it logged (as violations of its Content-Security-Policy), and requests elsewhere. */
  readonly problems: readonly string[];
}

/** Opens an empty page with a storage of its own; what it asks of other hosts than that of `origin` is a problem. */
export async function openPage(
  browser: Browser,
  origin: string,
  options: BrowserContextOptions = {},
): Promise<Watched> {
  const context = await browser.newContext({ viewport: { width: 1024, height: 768 }, ...options });
  const page = await context.newPage();
  const problems: string[] = [];
  const { host } = new URL(origin);
  page.on('console', (message) => problems.push(`${message.type()}: ${message.text()}`));
  page.on('pageerror', (error) => problems.push(`error: ${error.message}`));
  page.on('request', (request) => {
    if (new URL(request.url()).host !== host) problems.push(`asks ${request.url()}`);
  });
  return { page, problems };
}
