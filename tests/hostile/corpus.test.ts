import { expect, test } from '@jest/globals';
import { findings } from './corpus.ts';
import { targets } from './targets.ts';

for (const target of targets) {
  const found = findings(target.name);
  if (found.size === 0) continue;
  test(`${target.name} withstands each input that once did harm`, async () => {
    const trials = await target.open({ isLong: false, isReplay: true });
    const wrong: Record<string, unknown> = {};
    for (const [name, { input }] of found) {
      const verdict = await trials.judge(input);
      if (verdict !== undefined) wrong[name] = verdict;
    }
    await trials.close?.();
    expect(wrong).toEqual({});
  });
}
