import axe from 'axe-core';
import type { Page } from 'playwright-core';

interface Violation {
  readonly id: string;
  readonly nodes: readonly { readonly html: string; readonly failureSummary?: string }[];
}

/** Returns what axe finds wrong for people who do not see, use no mouse, or need more contrast. */
export async function violations(page: Page): Promise<readonly string[]> {
  await page.evaluate(axe.source);
  const run = 'axe.run().then(({ violations }) => violations)';
  const found = await page.evaluate<readonly Violation[]>(run);
  return found.flatMap(({ id, nodes }) =>
    nodes.map(({ html, failureSummary = '' }) => `${id}: ${html.slice(0, 200)} ${failureSummary}`),
  );
}
