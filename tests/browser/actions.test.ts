import { beforeAll, expect, test } from '@jest/globals';
import type { Browser, Locator, Page } from 'playwright-core';
import type { Typed } from '../../src/common/typed.ts';
import type balloonVerb from '../../schema/verbs/VM.getBalloonInfo.ts';
import type usageVerb from '../../schema/verbs/VM.getMemoryUsage.ts';
import { atEnd } from '../live/cleanup.ts';
import { eventually } from '../live/guest.ts';
import { Vmemd } from '../live/vmemd.ts';
import { needs } from '../support/needs.ts';
import { WsClient } from '../support/wsClient.ts';
import { violations } from './axe.ts';
import { launch, openPage, type Watched } from './browser.ts';
import { rowFigures } from './figures.ts';
import { createVm } from './vms.ts';

const GIB = 1024 ** 2;

needs('chromium')('the page with actions', () => {
  const later = atEnd();
  let client: WsClient;
  let browser: Browser;
  let watched: Watched;
  let page: Page;
  let vmID: string;

  const dialog = (): Locator => page.getByRole('dialog');
  const press = (name: string): Promise<void> => dialog().getByRole('button', { name }).click();
  const words = (): Promise<string | null> => dialog().getByRole('alert').textContent();
  const target = async (): Promise<string> => {
    const info = await client.call('VM.getBalloonInfo', { vmID });
    return (info as Typed<(typeof balloonVerb)['result']>).balloon_target;
  };
  const usage = async () =>
    (await client.call('VM.getMemoryUsage', { vmID })) as Typed<(typeof usageVerb)['result']>;

  beforeAll(async () => {
    const vmemd = await Vmemd.start('simulated', '[dashboard]\nactions = true\n');
    later(() => vmemd.end());
    client = await WsClient.connect(vmemd.url);
    later(() => client.close());
    vmID = await createVm(client, 1, { vmName: 'web' });
    browser = await launch();
    later(() => browser.close());
    watched = await openPage(browser, vmemd.httpUrl, { reducedMotion: 'reduce' });
    page = watched.page;
    await page.goto(`${vmemd.httpUrl}#vm=${vmID}`);
    await page.locator('.actions').waitFor();
    // what a guest has is known from its first sample
    await eventually(
      () => rowFigures(page.locator('.vm-list > li')),
      ({ Current }) => Current === 2 * GIB,
    );
  });

  test('set a balloon once its effect is confirmed', async () => {
    await page.getByRole('button', { name: 'Set the balloon' }).click();
    await dialog().getByLabel('Leave to the guest', { exact: true }).fill('1.5');
    await press('Next');
    expect(await words()).toMatch(/0\.50 GiB back to the host/);
    expect(await target()).toBe(String(2 * GIB));
    await press('Set the balloon');
    await dialog().getByText('The target is 1.50 GiB').waitFor();
    expect(await target()).toBe(String(1.5 * GIB));
  });

  test('say what limited a target', async () => {
    await press('Change again');
    await dialog().getByLabel('Leave to the guest', { exact: true }).fill('0.25');
    await press('Next');
    await press('Set the balloon');
    await dialog().getByText('The target is 1.00 GiB').waitFor();
    expect(await words()).toMatch(/guarantee/);
    await press('Close');
    expect(await dialog().count()).toBe(0);
  });

  test('do not go on from what is no size', async () => {
    await page.getByRole('button', { name: 'Set the balloon' }).click();
    await dialog().getByLabel('Leave to the guest', { exact: true }).fill('much');
    await press('Next');
    expect(await words()).toMatch(/size/);
    await page.keyboard.press('Escape');
    await dialog().waitFor({ state: 'detached' });
  });

  test('change memory by the plan that vmemd has made for it', async () => {
    await page.getByRole('button', { name: 'Change the memory' }).click();
    await dialog().getByLabel('Memory', { exact: true }).fill('3');
    await press('Next');
    await dialog().getByText('From 2.00 GiB to 3.00 GiB').waitFor();
    expect(await words()).toMatch(/Add a device of 1\.00 GiB/);
    // what is confirmed is what was planned
    expect(await dialog().getByLabel('Memory', { exact: true }).isVisible()).toBe(false);
    expect(await usage()).toMatchObject({ memory_kib: 2 * GIB });
    await press('Change the memory');
    await press('Close');
    await eventually(usage, ({ memory_kib }) => memory_kib === 3 * GIB);
    await page.locator('.slot').waitFor();
  });

  test('show the error of a change that is refused', async () => {
    await page.getByRole('button', { name: 'Change the memory' }).click();
    await dialog().getByLabel('Memory', { exact: true }).fill('64');
    await press('Next');
    await dialog().locator('.failure').waitFor();
    expect(await words()).toMatch(/8192 MiB|maximum/);
    await press('Cancel');
  });

  test('set a guarantee', async () => {
    await page.getByRole('button', { name: 'Set the guarantee' }).click();
    await dialog().getByLabel('Guaranteed', { exact: true }).fill('1.25');
    await press('Next');
    await press('Set the guarantee');
    await dialog().getByText('1.25 GiB are guaranteed').waitFor();
    await press('Close');
    expect(await usage()).toMatchObject({ guaranteed_kib: 1.25 * GIB });
  });

  test('set the policy of the host', async () => {
    await page.getByRole('button', { name: 'Change…' }).click();
    await dialog().getByLabel('Observing').check();
    await press('Next');
    expect(await words()).toMatch(/From off to observing/);
    await press('Set the policy');
    await dialog().getByText('The policy is observing').waitFor();
    await press('Close');
    await page.locator('.facts').getByText('Observing').waitFor();
  });

  test('leave a trail', async () => {
    const audit = page.locator('.panel.audit');
    await audit.getByText('setGuaranteedMemory', { exact: true }).waitFor();
    expect(await audit.getByText('setBalloonTarget', { exact: true }).count()).toBe(2);
  });

  test.each(['light', 'dark'] as const)('are fit for all people when it is %s', async (scheme) => {
    await page.emulateMedia({ colorScheme: scheme });
    expect(await violations(page)).toEqual([]);
    await page.getByRole('button', { name: 'Change the memory' }).click();
    expect(await violations(page)).toEqual([]);
    await press('Cancel');
    await page.locator('.vm-head').click();
    expect(await violations(page)).toEqual([]);
    await page.locator('.vm-head').click();
    await page.locator('.actions').waitFor();
  });

  test('have run without an error, a violation of its policy or a request elsewhere', () => {
    expect(watched.problems).toEqual([]);
  });
});
