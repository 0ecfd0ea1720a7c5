import { afterAll, test } from '@jest/globals';
import { needs } from '../support/needs.ts';
import { onSimulated } from './pages.ts';
import { Programs, runPage } from './runPage.ts';

/** Only a command that hangs takes so long, however busy the machine. */
const PATIENCE_MS = 600_000;

needs('namespaces')('the commands of', () => {
  const made = Programs.make();
  afterAll(async () => {
    await (await made).remove();
  });

  // the pages at the same time: most of it is waiting for guests
  test.concurrent.each(onSimulated)(
    '$name work in order',
    async ({ name, page }) => {
      await runPage(name, page, await made);
    },
    PATIENCE_MS,
  );
});
