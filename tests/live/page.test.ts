import { beforeAll, expect, it } from '@jest/globals';
import type { Locator, Page } from 'playwright-core';
import type { Typed } from '../../src/common/typed.ts';
import type overviewVerb from '../../schema/verbs/Host.getOverview.ts';
import { launch, openPage, type Watched } from '../browser/browser.ts';
import buildPage from '../browser/buildPage.ts';
import { rowFigures } from '../browser/figures.ts';
import { needs, prerequisite } from '../support/needs.ts';
import { WsClient } from '../support/wsClient.ts';
import { atEnd } from './cleanup.ts';
import { eventually, Guest } from './guest.ts';
import { Vmemd } from './vmemd.ts';

type Overview = Typed<(typeof overviewVerb)['result']>;

const MIB = 1024;

needs(
  'VMEMD_TEST_LIBVIRT',
  'VMEMD_TEST_GUEST',
  'chromium',
)('the page of a real host with two guests', () => {
  const later = atEnd();
  let client: WsClient;
  let watched: Watched;
  let page: Page;
  let guests: readonly [Guest, Guest];

  const row = (guest: Guest): Locator =>
    page.locator('.vm-list > li', { has: page.locator(`[id="vm-${guest.id}"]`) });
  const overviewOf = async ({ id }: Guest) => {
    const { vms } = (await client.call('Host.getOverview')) as Overview;
    return vms.find((vm) => vm.id === id);
  };

  beforeAll(async () => {
    await buildPage();
    const vmemd = await Vmemd.start(
      prerequisite('VMEMD_TEST_LIBVIRT'),
      '[dashboard]\nactions = true\n',
    );
    later(() => vmemd.end());
    client = await WsClient.connect(vmemd.url);
    later(() => client.close());
    guests = [await Guest.create(client), await Guest.create(client)];
    for (const guest of guests) later(() => guest.dispose());
    await Promise.all(guests.map((guest) => guest.booted()));
    const browser = await launch();
    later(() => browser.close());
    watched = await openPage(browser, vmemd.httpUrl);
    page = watched.page;
    await page.goto(vmemd.httpUrl);
    await row(guests[1]).waitFor();
  });

  it("has the API's figures of both, and is not said to be simulated", async () => {
    for (const guest of guests) {
      await eventually(
        async () => ({ shown: await rowFigures(row(guest)), vm: await overviewOf(guest) }),
        ({ shown, vm }) =>
          shown['Used'] !== undefined &&
          shown['Used'] === vm?.used_kib &&
          shown['Current'] === vm.current_kib &&
          shown['Maximum'] === vm.maximum_kib &&
          shown['Guaranteed'] === vm.guaranteed_kib,
      );
    }
    expect(await page.getByText('simulated').count()).toBe(0);
  });

  it('shows how the balloon follows a target that another client has set', async () => {
    const target = 400 * MIB;
    await client.call('VM.setBalloonTarget', { vmID: guests[0].id, target });
    await eventually(
      () => rowFigures(row(guests[0])),
      ({ Target, Current }) => Target === target && Current === target,
    );
  });

  it('adds memory by its dialog, and shows the device once the guest uses it', async () => {
    await row(guests[1]).locator('.vm-head').click();
    await page.getByRole('button', { name: 'Change the memory' }).click();
    const dialog = page.getByRole('dialog');
    await dialog.getByLabel('Memory', { exact: true }).fill('0.75');
    await dialog.getByRole('button', { name: 'Next' }).click();
    await dialog.getByText('From 0.50 GiB to 0.75 GiB').waitFor();
    await dialog.getByRole('button', { name: 'Change the memory' }).click();
    await dialog.getByRole('button', { name: 'Close' }).click();
    const slot = page.locator('.slot');
    await eventually(
      async () => ((await slot.count()) === 0 ? '' : ((await slot.textContent()) ?? '')),
      (text) => text.includes('In use by the guest'),
    );
  });

  it('has run without an error, a violation of its policy or a request elsewhere', () => {
    expect(watched.problems).toEqual([]);
  });
});
