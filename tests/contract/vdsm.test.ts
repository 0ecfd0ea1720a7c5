import { expect, test } from '@jest/globals';
import { namesOf } from '../../scripts/lib/compatibility.ts';
import { vdsmVerbs } from '../../scripts/lib/vdsm.ts';
import { loadVerbs } from '../../src/api/loadVerbs.ts';

const ofVdsm = Object.entries(vdsmVerbs);

test('every verb of VDSM that is described is served, and stable', async () => {
  const verbs = await loadVerbs();
  const stability = ofVdsm.map(([name]) => [name, verbs.get(name)?.contract.stability]);
  expect(stability).toEqual(ofVdsm.map(([name]) => [name, 'stable']));
});

test("a verb has VDSM's parameters in VDSM's order, and requires no others", async () => {
  const verbs = await loadVerbs();
  for (const [name, { params }] of ofVdsm) {
    const { properties = {}, required = [] } = verbs.get(name)?.contract.params ?? {};
    const theirs = namesOf(params);
    expect([name, Object.keys(properties).slice(0, theirs.length)]).toEqual([name, theirs]);
    const mandatory = params.split(' ').filter((param) => param !== '' && !param.endsWith('?'));
    expect([name, required]).toEqual([name, mandatory]);
  }
});
