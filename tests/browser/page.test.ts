import { beforeAll, describe, expect, test } from '@jest/globals';
import type { Browser, Locator, Page } from 'playwright-core';
import type { Typed } from '../../src/common/typed.ts';
import type overviewVerb from '../../schema/verbs/Host.getOverview.ts';
import { atEnd } from '../live/cleanup.ts';
import { eventually } from '../live/guest.ts';
import { Vmemd } from '../live/vmemd.ts';
import { needs } from '../support/needs.ts';
import { WsClient } from '../support/wsClient.ts';
import { launch, openPage, type Watched } from './browser.ts';
import { hostFigures, rowFigures } from './figures.ts';
import { createVm } from './vms.ts';

type Overview = Typed<(typeof overviewVerb)['result']>;

const GIB = 1024 ** 2;

needs('chromium')('the page of a simulated host', () => {
  const later = atEnd();
  let vmemd: Vmemd;
  let client: WsClient;
  let browser: Browser;
  let watched: Watched;
  let page: Page;

  const overview = async () => (await client.call('Host.getOverview')) as Overview;
  const vmOf = async (name: string) => {
    const { vms } = await overview();
    const vm = vms.find((each) => each.name === name);
    if (!vm) throw new Error(`no VM ${name}`);
    return vm;
  };
  const row = (name: string): Locator => page.locator('.vm-list > li', { hasText: name });
  const names = (): Promise<readonly string[]> => page.locator('.vm-name').allTextContents();

  beforeAll(async () => {
    vmemd = await Vmemd.start('simulated');
    later(() => vmemd.end());
    client = await WsClient.connect(vmemd.url);
    later(() => client.close());
    await createVm(client, 1, { vmName: 'web' });
    const vmID = await createVm(client, 2, { vmName: 'db' });
    await createVm(client, 3, { vmName: 'mute', kernel: '/any', kernelArgs: 'vmemd.sim=no-stats' });
    await client.call('VM.setMemory', { vmID, memory: 2560 });
    browser = await launch();
    later(() => browser.close());
    watched = await openPage(browser, vmemd.httpUrl);
    page = watched.page;
    await page.goto(vmemd.httpUrl);
    await row('web').waitFor();
  });

  test('says that its VMs are not real', async () => {
    expect(await page.getByText('This is a simulated host').isVisible()).toBe(true);
  });

  test("has the API's figures of the host", async () => {
    await eventually(
      async () => ({ shown: await hostFigures(page), host: (await overview()).host }),
      ({ shown, host }) =>
        shown['guests'] === host.used_by_guests_kib &&
        shown['caches'] === host.caches_kib &&
        shown['free'] === host.free_kib &&
        shown['held'] === host.balloons_held_kib,
    );
  });

  test.each(['web', 'db', 'mute'])("has the API's figures of %s", async (name) => {
    await eventually(
      async () => ({ shown: await rowFigures(row(name)), vm: await vmOf(name) }),
      ({ shown, vm }) =>
        shown['Used'] === vm.used_kib &&
        shown['Current'] === vm.current_kib &&
        shown['Target'] === vm.target_kib &&
        shown['Guaranteed'] === vm.guaranteed_kib &&
        shown['Maximum'] === vm.maximum_kib,
    );
  });

  test('shows no use of a guest that does not report, and says why', async () => {
    expect(await rowFigures(row('mute'))).not.toHaveProperty('Used');
    expect(await row('mute').locator('.vm-figures b').textContent()).toBe('–');
    // The row says that the VM starts until its guest has been silent for long enough.
    await eventually(
      () => row('mute').locator('.vm-words').textContent(),
      (words) => /report/.test(words ?? ''),
    );
  });

  test('shows a target that another client has set', async () => {
    const target = 1.25 * GIB;
    const { id: vmID } = await vmOf('web');
    await client.call('VM.setBalloonTarget', { vmID, target });
    await eventually(
      () => rowFigures(row('web')),
      ({ Target }) => Target === target,
    );
  });

  test('is filtered by name, and says when nothing is left', async () => {
    await page.getByLabel('Filter').fill('mu');
    expect(await names()).toEqual(['mute']);
    await page.getByLabel('Filter').fill('nothing');
    expect(await page.getByText('No VM has “nothing”').isVisible()).toBe(true);
    await page.getByLabel('Filter').fill('');
    expect(await names()).toHaveLength(3);
  });

  test('is sorted by name, and by need with warnings first', async () => {
    await page.getByLabel('Sort by').selectOption('name');
    expect(await names()).toEqual(['db', 'mute', 'web']);
    await page.getByLabel('Sort by').selectOption('need');
    expect(await names()).toHaveLength(3);
  });

  test('has the exact size of what has the keyboard', async () => {
    const tip = page.getByRole('tooltip');
    const size = page.locator('[data-part="guests"] .size');
    await page.getByLabel('Filter').focus();
    await page.keyboard.press('Shift+Tab');
    await size.focus();
    expect(await tip.textContent()).toMatch(/^[\d,]+ KiB$/);
    await page.keyboard.press('Escape');
    expect(await tip.isVisible()).toBe(false);
  });

  test('is walked through by the arrow keys, with the figures of each row', async () => {
    await page.getByLabel('Sort by').selectOption('name');
    await page.locator('.vm-head').first().focus();
    await page.keyboard.press('ArrowDown');
    const focused = page.locator('.vm-head:focus');
    expect(await focused.locator('.vm-name').textContent()).toBe('mute');
    expect(await page.getByRole('tooltip').textContent()).toContain('2,097,152 KiB');
    await page.keyboard.press('End');
    expect(await focused.locator('.vm-name').textContent()).toBe('web');
  });

  describe('with a row open', () => {
    const panel = (title: string): Locator =>
      page.locator('.panel', { has: page.getByRole('heading', { name: title }) });

    beforeAll(async () => {
      await row('db').locator('.vm-head').click();
      await panel('Figures').waitFor();
    });

    test('has each figure exactly, to read without a mouse', async () => {
      const { maximum_kib } = await vmOf('db');
      const maximum = panel('Figures').locator('[data-figure="Maximum"] [data-kib]');
      expect(Number(await maximum.getAttribute('data-kib'))).toBe(maximum_kib);
    });

    test('has memory devices as slots with their state', async () => {
      const slot = panel('Memory devices').locator('.slot').first();
      await slot.getByText('In use by the guest').waitFor();
      expect(await slot.textContent()).toContain('0.50 GiB');
    });

    test('has the last change of devices', async () => {
      await page.getByText('Add 0.50 GiB: the guest uses it').waitFor();
    });

    test('has who changed what', async () => {
      await panel('Who changed what').getByText('setMemory').first().waitFor();
    });

    test('has the history as a chart, with words for it and values by the arrow keys', async () => {
      const plot = panel('History').locator('.plot');
      await plot.waitFor();
      expect(await plot.getAttribute('aria-label')).toMatch(/Used: .* to .*, last/);
      await plot.focus();
      await page.keyboard.press('ArrowLeft');
      expect(await panel('History').locator('.chart-time').textContent()).toMatch(/\d/);
    });

    test('is named by the address, which opens it elsewhere', async () => {
      const other = await openPage(browser, vmemd.httpUrl);
      await other.page.goto(page.url());
      await other.page.locator('.details').waitFor();
      await other.page.context().close();
    });

    test('has no buttons that change anything', async () => {
      expect(await page.locator('.actions').count()).toBe(0);
    });
  });

  test('keeps the colours that were chosen', async () => {
    const button = page.getByRole('button', { name: 'Colours' });
    await button.click();
    await button.click();
    await page.reload();
    await row('web').waitFor();
    expect(await page.locator('html').getAttribute('data-theme')).toBe('dark');
  });

  test('needs no scrolling sideways on a telephone', async () => {
    await page.setViewportSize({ width: 360, height: 800 });
    await row('web').waitFor();
    expect(await page.evaluate('document.documentElement.scrollWidth')).toBe(360);
  });

  test('has run without an error, a violation of its policy or a request elsewhere', () => {
    expect(watched.problems).toEqual([]);
  });
});
