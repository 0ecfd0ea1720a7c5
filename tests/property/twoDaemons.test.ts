import { expect, test } from '@jest/globals';
import { Play } from './memory/play.ts';
import type { Setting, Step } from './memory/steps.ts';

/** Counterexamples of two daemons that write without end at one moment. */
const STORIES: readonly { readonly setting: Setting; readonly steps: readonly Step[] }[] = [
  {
    setting: {
      seed: 991,
      behaviour: [],
      virtioMem: { size: 1024, block: 2, requested: 512 },
      devices: [2],
      attempts: 1,
      autodeflate: true,
    },
    steps: [{ what: { kind: 'other', wish: { kind: 'reset' } }, ms: 69_993 }],
  },
];

test.each(STORIES)('two daemons come to rest', async ({ setting, steps }) => {
  const play = await Play.begin(setting);
  for (const step of steps) await play.take(step);
  // It throws once a call was repeated 1000 times at one moment.
  expect(await play.view()).toBeDefined();
});
