import { expect, test } from '@jest/globals';
import { FAULTS, strikes } from './crossing.ts';
import { played, startedAgain } from './request.ts';
import { REQUESTS } from './requests.ts';
import { every } from './sweep.ts';

const isLong = every(2) === 1;
/** Of the crossings of a request, where vmemd is killed; and of those of the start after it with each fault. */
const KILLS = isLong ? 2 : 24;
const SECONDS = isLong ? 3 : 16;

test.each(Object.entries(REQUESTS))(
  '%s holds as a whole or not at all if vmemd is killed, and at a crossing of the next start another fault happens',
  async (name, request) => {
    const offset = Object.keys(REQUESTS).indexOf(name);
    const complaints: Record<string, string[]> = {};
    const { crossings } = await played(request);
    for (const killed of crossings.keys()) {
      if ((killed + 5 * offset) % KILLS !== 0) continue;
      const { crossings: ofStart } = await startedAgain(request, killed);
      const seconds = [...ofStart.entries()].flatMap(([at, crossing]) =>
        FAULTS.filter((fault) => strikes(fault, crossing)).map((fault) => ({ at, fault })),
      );
      for (const [n, second] of seconds.entries()) {
        if ((n + killed) % SECONDS !== 0) continue;
        const outcome = await startedAgain(request, killed, second);
        for (const what of outcome.complaints) {
          const { kind, what: of } = ofStart[second.at] ?? {};
          const place = `${String(kind)} of ${String(of)} (${String(second.at)})`;
          (complaints[what] ??= []).push(
            `killed at ${String(killed)}, ${second.fault} at ${place}`,
          );
        }
      }
    }
    expect(complaints).toEqual({});
  },
);
