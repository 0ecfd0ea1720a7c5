import type { Locator, Page } from 'playwright-core';

/** Returns the sizes of a row in KiB by their names, from the exact ones of its tooltip; a size that is absent is too. */
export async function rowFigures(row: Locator): Promise<Readonly<Record<string, number>>> {
  const tip = (await row.locator('.vm-bar').getAttribute('data-tip')) ?? '';
  const lines = tip.split('\n').map((line) => line.split('\t'));
  return Object.fromEntries(
    lines.flatMap(([name = '', , exact = '']) => (exact === '' ? [] : [[name, kibOf(exact)]])),
  );
}

/** Returns the sizes of the host's picture in KiB by the kind of each part. */
export async function hostFigures(page: Page): Promise<Readonly<Record<string, number>>> {
  const entries = await page.locator('[data-part]').all();
  const figures = await Promise.all(
    entries.map(async (entry) => [
      (await entry.getAttribute('data-part')) ?? '',
      Number(await entry.locator('[data-kib]').getAttribute('data-kib')),
    ]),
  );
  return Object.fromEntries(figures) as Record<string, number>;
}

const kibOf = (text: string): number => Number(text.replace(/\D/g, ''));
