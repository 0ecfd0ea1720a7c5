import { readdir, readFile, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { existsSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { gzipSync } from 'node:zlib';
import type { Browser } from 'playwright-core';
import { launch } from '../tests/browser/browser.ts';
import { createVm } from '../tests/browser/vms.ts';
import { CHROMIUM } from '../tests/support/chromium.ts';
import { WsClient } from '../tests/support/wsClient.ts';
import { build, root } from './build.ts';
import { withDaemon } from './daemon.ts';
import { framesOf, type Trace } from './page/frames.ts';
import { row, type Row } from './row.ts';
import { settle } from './settle.ts';

const AT_ONCE = 50;
const KIB = 1024;
const CATEGORIES = ['toplevel', 'devtools.timeline', 'disabled-by-default-devtools.timeline'];
const FIRST_PAINT = `new Promise((resolve) => {
  new PerformanceObserver((list) => {
    for (const { name, startTime } of list.getEntries())
      if (name === 'first-contentful-paint') resolve(startTime);
  }).observe({ type: 'paint', buffered: true });
})`;
const KEEP_FRAMING = '(function frame() { requestAnimationFrame(frame); })()';
const SCROLL = `(function frame() { scrollBy(0, 40); requestAnimationFrame(frame); })()`;

/** Measures the page in a browser: its size, its first paint, and what a frame costs while 1000 VMs change. */
export async function benchPage({ quick }: { readonly quick: boolean }): Promise<readonly Row[]> {
  if (!existsSync(CHROMIUM)) throw new Error(`there is no ${CHROMIUM}`);
  await build();
  const folder = await mkdtemp(join(tmpdir(), 'vmemd-bench-'));
  const browser = await launch();
  try {
    const config = join(folder, 'vmemd.conf');
    await writeFile(config, '[sampling]\ninterval = 1\n[memory]\nmem_stats_period_seconds = 1\n');
    const plan =
      quick ? { runs: 1, seconds: 1, count: 100 } : { runs: 5, seconds: 10, count: 1000 };
    const figures = await withDaemon(
      ({ url }) => measure(browser, { url, quick, ...plan }),
      '--config',
      config,
    );
    return [row('page, compressed', 'kB', [await compressedSize()]), ...figures];
  } finally {
    await browser.close();
    await rm(folder, { recursive: true });
  }
}

interface Plan {
  readonly url: string;
  readonly quick: boolean;
  readonly runs: number;
  readonly seconds: number;
  /** The number of VMs. */
  readonly count: number;
}

async function measure(browser: Browser, plan: Plan): Promise<readonly Row[]> {
  const page = plan.url.replace(/^ws/, 'http');
  const client = await WsClient.connect(plan.url);
  const rows: Row[] = [];
  await createVm(client, 1, { vmName: 'first' });
  rows.push(...(await loading(browser, page, plan.runs)));
  rows.push(
    row('target of another client → shown', 'ms', await delays(browser, page, { client, ...plan })),
  );
  await createMany(client, plan.count);
  await settle(plan.quick);
  rows.push(...(await frames(browser, page, plan)));
  await client.close();
  return rows;
}

/** Returns the time to the first paint and to the first row, each in a browser context without a cache. */
async function loading(browser: Browser, url: string, runs: number): Promise<readonly Row[]> {
  const paints: number[] = [];
  const shown: number[] = [];
  for (let run = 0; run < runs; run++) {
    const context = await browser.newContext();
    const page = await context.newPage();
    await page.goto(url);
    paints.push(await page.evaluate<number>(FIRST_PAINT));
    await page.locator('.vm-head').waitFor();
    shown.push(await page.evaluate<number>('performance.now()'));
    await context.close();
  }
  return [row('first paint', 'ms', paints), row('first row of figures', 'ms', shown)];
}

/** Returns how long it takes until a target that another client sets is on the page. */
async function delays(
  browser: Browser,
  url: string,
  { client, runs }: { readonly client: WsClient; readonly runs: number },
): Promise<readonly number[]> {
  const page = await browser.newPage();
  await page.goto(url);
  await page.locator('.vm-head').waitFor();
  const found: number[] = [];
  for (let run = 0; run < runs; run++) {
    const target = (1100 + run) * KIB;
    const start = performance.now();
    await client.call('VM.setBalloonTarget', { vmID: VM, target });
    await page
      .locator(`.vm-bar[data-tip*="Target"][data-tip*="${target.toLocaleString('en-US')} KiB"]`)
      .waitFor();
    found.push(performance.now() - start);
  }
  await page.close();
  return found;
}

const VM = '00000000-0000-4000-8000-000000000001';

/** Returns what the main thread does in a frame, while figures change, and while the list is scrolled too. */
async function frames(browser: Browser, url: string, plan: Plan): Promise<readonly Row[]> {
  const rows: Row[] = [];
  for (const [name, script] of [
    ['at rest', KEEP_FRAMING],
    ['scrolling', SCROLL],
  ] as const) {
    const page = await browser.newPage({ viewport: { width: 1920, height: 1080 } });
    await page.goto(url);
    await page.locator('.vm-head').first().waitFor();
    await settle(plan.quick);
    await page.evaluate(script);
    await browser.startTracing(page, { categories: CATEGORIES });
    await sleep(plan.seconds * 1000);
    const trace = JSON.parse(String(await browser.stopTracing())) as Trace;
    const { work, late } = framesOf(trace);
    const title = `${String(plan.count)} VMs, ${name}`;
    rows.push(row(`${title}, work of a frame`, 'ms', work));
    rows.push(row(`${title}, work of a frame, p99`, 'ms', [percentile(work, 0.99)]));
    rows.push(row(`${title}, frames above 16 ms`, '%', [late * 100], `of ${String(work.length)}`));
    await page.close();
  }
  return rows;
}

async function createMany(client: WsClient, count: number): Promise<void> {
  const sizes = { memSize: 64, memGuaranteedSize: 32, maxMemSize: 64, maxMemSlots: 0 };
  for (let number = 2; number <= count; number += AT_ONCE) {
    const numbers = Array.from(
      { length: Math.min(AT_ONCE, count - number + 1) },
      (_, i) => number + i,
    );
    await Promise.all(
      numbers.map((each) => createVm(client, each, { vmName: `vm-${String(each)}`, ...sizes })),
    );
  }
}

const percentile = (values: readonly number[], share: number): number =>
  values.toSorted((a, b) => a - b)[Math.floor((values.length - 1) * share)] ?? NaN;

/** Returns the size of all files of the page as sent, in kB. */
async function compressedSize(): Promise<number> {
  const folder = join(root, 'dist/web');
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  const files = entries.filter((entry) => entry.isFile());
  const sizes = await Promise.all(
    files.map(
      async ({ parentPath, name }) => gzipSync(await readFile(join(parentPath, name))).length,
    ),
  );
  return sizes.reduce((sum, size) => sum + size, 0) / 1000;
}
