import { expect, test } from '@jest/globals';
import { killed } from './kill/killed.ts';
import { REQUESTS } from './kill/requests.ts';

const MOMENTS = ['before', 'sent', 'done'] as const;

test.each(Object.keys(REQUESTS))(
  '%s is done altogether or not at all, whichever call of the hypervisor vmemd is killed at',
  async (name) => {
    const request = REQUESTS[name];
    if (!request) throw new Error(`there is no request ${name}`);
    const complaints: Record<string, string[]> = {};
    for (const when of MOMENTS) {
      let wasKilled = true;
      for (let call = 1; wasKilled; call += 1) {
        const outcome = await killed(request, { call, when });
        ({ wasKilled } = outcome);
        const point = wasKilled ? `${when} ${String(call)} (${outcome.lastCall})` : 'never';
        for (const what of outcome.complaints) (complaints[what] ??= []).push(point);
      }
    }
    expect(complaints).toEqual({});
  },
);
