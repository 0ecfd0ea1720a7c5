import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Browser, Page } from 'playwright-core';
import { Client } from '../src/client/client.ts';
import { readEndpoint } from '../src/common/endpoint.ts';
import buildPage from '../tests/browser/buildPage.ts';
import { launch } from '../tests/browser/browser.ts';
import { Vmemd } from '../tests/live/vmemd.ts';
import { createGuests } from './lib/demo.ts';

const FOLDER = join(import.meta.dirname, '../docs/pictures');
const SIZES = [
  { width: 360, height: 1400 },
  { width: 1024, height: 1200 },
  { width: 1920, height: 1080 },
] as const;
const SCHEMES = ['light', 'dark'] as const;
/** How long the guests of the demo run before, so that there is something to see. */
const MINUTES = Number(process.argv[2] ?? 6);
/** Longer than the figures and the little histories take to come. */
const SETTLE_MS = 4000;

await buildPage();
await mkdir(FOLDER, { recursive: true });
const vmemd = await Vmemd.start('simulated', '[policy]\nmode = act\n');
try {
  const address = readEndpoint(new URL(vmemd.url).host, 54_321);
  const client = new Client({ targets: [{ kind: 'plain', ...address }] });
  await createGuests(client);
  await client.close();
  console.log(`The guests run for ${String(MINUTES)} min.`);
  await sleep(MINUTES * 60_000);
  await shootAll();
} finally {
  await vmemd.end();
}

type Size = (typeof SIZES)[number];

async function shootAll(): Promise<void> {
  const browser = await launch('--force-color-profile=srgb');
  try {
    for (const size of SIZES) for (const scheme of SCHEMES) await shoot(browser, size, scheme);
  } finally {
    await browser.close();
  }
}

/** Takes the page as it opens; in the middle size, with a row open, too. */
async function shoot(browser: Browser, viewport: Size, scheme: 'light' | 'dark'): Promise<void> {
  const page = await browser.newPage({ viewport, colorScheme: scheme, reducedMotion: 'reduce' });
  await page.goto(vmemd.httpUrl);
  await page.locator('.vm-head').first().waitFor();
  await page.getByRole('button', { name: '10 min' }).first().click();
  await sleep(SETTLE_MS);
  await picture(page, `page-${String(viewport.width)}-${scheme}`);
  if (viewport.width === 1024) {
    await page.locator('.vm-head', { hasText: 'analytics' }).click();
    await page.locator('.details').getByRole('button', { name: '10 min' }).click();
    await sleep(SETTLE_MS);
    await page.evaluate("document.querySelector('[aria-expanded=true]').scrollIntoView()");
    await sleep(SETTLE_MS);
    await picture(page, `row-${String(viewport.width)}-${scheme}`);
  }
  await page.close();
}

async function picture(page: Page, name: string): Promise<void> {
  await page.screenshot({ path: join(FOLDER, `${name}.png`) });
}
