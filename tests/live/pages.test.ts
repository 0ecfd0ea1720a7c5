import { afterAll, expect, test } from '@jest/globals';
import { onLibvirt } from '../docs/pages.ts';
import { Programs, runPage } from '../docs/runPage.ts';
import { needs, prerequisite } from '../support/needs.ts';

needs(
  'namespaces',
  'libvirtd',
  'VMEMD_TEST_GUEST',
)('the commands on real libvirt of', () => {
  const made = Programs.make();
  const guest = prerequisite('VMEMD_TEST_GUEST');
  afterAll(async () => {
    await (await made).remove();
  });

  test.each(onLibvirt)('$name work in order', async ({ name, page }) => {
    await runPage(name, page, await made, { guest });
  });

  test('there is such a page', () => {
    expect(onLibvirt).not.toEqual([]);
  });
});
