import { expect, test } from '@jest/globals';
import { interrupted, interruptions } from './interrupted/interrupted.ts';
import { REQUESTS } from './interrupted/requests.ts';

const CASES = Object.entries(REQUESTS).flatMap(([name, request]) =>
  interruptions.map((interruption) => ({ name, request, interruption })),
);

test.each(CASES)(
  '$name takes effect as a whole or not at all, whichever call is $interruption',
  async ({ request, interruption }) => {
    const complaints: Record<string, string[]> = {};
    let isReached = true;
    for (let call = 1; isReached; call += 1) {
      const outcome = await interrupted(request, interruption, call);
      ({ isReached } = outcome);
      const point = isReached ? `${outcome.operation} (${String(call)})` : 'none';
      for (const what of outcome.complaints) (complaints[what] ??= []).push(point);
    }
    expect(complaints).toEqual({});
  },
);
