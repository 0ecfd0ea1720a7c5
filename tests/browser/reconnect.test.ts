import { beforeAll, expect, test } from '@jest/globals';
import type { Browser, Page } from 'playwright-core';
import { atEnd } from '../live/cleanup.ts';
import { Vmemd } from '../live/vmemd.ts';
import { needs } from '../support/needs.ts';
import { WsClient } from '../support/wsClient.ts';
import { launch, openPage } from './browser.ts';
import { rowFigures } from './figures.ts';
import { createVm } from './vms.ts';

const GIB = 1024 ** 2;

needs('chromium')('a page whose vmemd restarts', () => {
  const later = atEnd();
  let vmemd: Vmemd;
  let address: string;
  let browser: Browser;
  let page: Page;

  async function create(vmName: string): Promise<void> {
    const client = await WsClient.connect(vmemd.url);
    await createVm(client, 1, { vmName });
    await client.close();
  }

  beforeAll(async () => {
    vmemd = await Vmemd.start('simulated');
    later(() => vmemd.end());
    address = new URL(vmemd.url).host;
    await create('before');
    browser = await launch();
    later(() => browser.close());
    ({ page } = await openPage(browser, vmemd.httpUrl));
    await page.goto(vmemd.httpUrl);
    await page.getByText('before').waitFor();
    await page.getByText('Live').waitFor();
  });

  test('says so, and how old its figures are, and keeps them', async () => {
    await vmemd.end('SIGKILL');
    const banner = page.locator('.banner.problem');
    await banner.waitFor();
    expect(await banner.textContent()).toMatch(
      /No connection to vmemd\. The figures are from .*\d s ago\./,
    );
    expect((await rowFigures(page.locator('.vm-list > li')))['Maximum']).toBe(2 * GIB);
    expect(await page.locator('main.old').count()).toBe(1);
  });

  test('shows the figures of the new one by itself', async () => {
    vmemd = await Vmemd.start('simulated', '', address);
    await create('after');
    await page.getByText('after').waitFor();
    await page.getByText('Live').waitFor();
    // the VMs of the simulated host have gone with their vmemd
    expect(await page.getByText('before').count()).toBe(0);
    expect(await page.locator('.banner.problem').count()).toBe(0);
    expect(await page.locator('main.old').count()).toBe(0);
  });
});
