import { beforeAll, expect, test } from '@jest/globals';
import type { Page } from 'playwright-core';
import { atEnd } from '../live/cleanup.ts';
import { Vmemd } from '../live/vmemd.ts';
import { needs } from '../support/needs.ts';
import { WsClient } from '../support/wsClient.ts';
import { launch, openPage, type Watched } from './browser.ts';
import { createVm } from './vms.ts';

const COUNT = 1000;
const AT_ONCE = 50;

needs('chromium')('the page of a host with 1000 VMs', () => {
  const later = atEnd();
  let watched: Watched;
  let page: Page;

  beforeAll(async () => {
    const vmemd = await Vmemd.start('simulated');
    later(() => vmemd.end());
    const client = await WsClient.connect(vmemd.url);
    later(() => client.close());
    const sizes = { memSize: 64, memGuaranteedSize: 32, maxMemSize: 64, maxMemSlots: 0 };
    for (let number = 1; number <= COUNT; number += AT_ONCE) {
      const numbers = Array.from({ length: AT_ONCE }, (_, i) => number + i);
      await Promise.all(
        numbers.map((each) => createVm(client, each, { vmName: `vm-${String(each)}`, ...sizes })),
      );
    }
    const browser = await launch();
    later(() => browser.close());
    watched = await openPage(browser, vmemd.httpUrl);
    page = watched.page;
    await page.goto(vmemd.httpUrl);
    await page.locator('.vm-head').first().waitFor();
    await page.getByLabel('Sort by').selectOption('name');
  });

  const rows = () => page.locator('.vm-head');

  test('has rows for those on the screen only, and says how many there are', async () => {
    expect(await rows().count()).toBeLessThan(40);
    expect(await page.locator('.vms-header .note').textContent()).toMatch(/^1000/);
    const item = page.locator('.vm-list > li').first();
    expect(await item.getAttribute('aria-setsize')).toBe(String(COUNT));
  });

  test('is at its last row by one key, which has the keyboard', async () => {
    await rows().first().focus();
    await page.keyboard.press('End');
    await page.locator('.vm-head:focus', { hasText: 'vm-1000' }).waitFor();
    expect(await rows().count()).toBeLessThan(40);
  });

  test('finds one of them', async () => {
    await page.getByLabel('Filter').fill('vm-777');
    expect(await rows().count()).toBe(1);
    await rows().click();
    await page.locator('.panel.figures').waitFor();
  });

  test('has run without an error', () => {
    expect(watched.problems).toEqual([]);
  });
});
