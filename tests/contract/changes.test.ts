import { expect, test } from '@jest/globals';
import { loadVerbs } from '../../src/api/loadVerbs.ts';

/** Verbs whose names say that they only read, or concern only the connection that calls them. */
const READS = /^(.*\.(get|ping|echo|dump|discover|confirm|explain).*|Events\..*)$/;

test('each verb says what it changes, and those that only read say so', async () => {
  const verbs = [...(await loadVerbs())];
  const wrong = verbs.filter(
    ([name, { contract }]) => READS.test(name) !== (contract.changes.length === 0),
  );
  expect(wrong.map(([name]) => name)).toEqual([]);
});
