import { expect, test } from '@jest/globals';
import { type Fault, FAULTS, strikes } from './boundary.ts';
import { played } from './request.ts';
import { REQUESTS } from './requests.ts';

/** A kill is tried at each crossing; of the others `npm test` tries every third one, `npm run test:sim` all. */
const every = Number(process.env['VMEMD_SIM_EVERY'] ?? 3);
const isTried = (at: number, fault: Fault): boolean =>
  fault === 'vmemd is killed' || (at + FAULTS.indexOf(fault)) % every === 0;

const CASES = Object.entries(REQUESTS).flatMap(([name, request]) =>
  FAULTS.map((fault) => ({ name, request, fault })),
);

test.each(CASES)(
  '$name holds as a whole or not at all if at any crossing $fault',
  async ({ request, fault }) => {
    const { crossings, complaints: without } = await played(request);
    expect(without).toEqual([]);
    const complaints: Record<string, string[]> = {};
    for (const [at, crossing] of crossings.entries()) {
      if (!strikes(fault, crossing) || !isTried(at, fault)) continue;
      const outcome = await played(request, { at, fault });
      for (const what of outcome.complaints) {
        (complaints[what] ??= []).push(`${crossing.kind} of ${crossing.what} (${String(at)})`);
      }
    }
    expect(complaints).toEqual({});
  },
);
