import { expect, test } from '@jest/globals';
import { FAULTS } from './crossing.ts';
import { played } from './request.ts';
import { REQUESTS } from './requests.ts';
import { every, swept } from './sweep.ts';

/** A kill is tried at each crossing but timers, of which, as of the other faults, every fifth one is. */
const EVERY = every(5);

const CASES = Object.entries(REQUESTS).flatMap(([name, request]) =>
  FAULTS.filter((fault) => fault !== 'the file cannot be written').map((fault) => ({
    name,
    request,
    fault,
  })),
);

test.each(CASES)(
  '$name holds as a whole or not at all if at any crossing $fault',
  async ({ request, fault }) => {
    const complaints = await swept({
      fault,
      play: (strike) => played(request, strike),
      isTried: (at, { kind }) =>
        (fault === 'vmemd is killed' && kind !== 'timer') ||
        (at + FAULTS.indexOf(fault)) % EVERY === 0,
    });
    expect(complaints).toEqual({});
  },
);
