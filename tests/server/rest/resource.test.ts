import { expect, test } from '@jest/globals';
import { Fault } from '../../../src/server/rest/fault.ts';
import { flag, hrefOfJob, hrefOfVm, inBytes } from '../../../src/server/rest/resource.ts';
import { MiB } from '../../../src/common/units.ts';

test('a flag is true, false, or not there', () => {
  const query = new URLSearchParams('a=true&b=FALSE&c=1');
  expect([flag(query, 'a'), flag(query, 'b'), flag(query, 'd')]).toEqual([true, false, undefined]);
  expect(() => flag(query, 'c')).toThrow(Fault);
});

test('sizes are told in bytes, those that are not known not at all', () => {
  expect([inBytes(MiB(1)), inBytes(MiB(0)), inBytes(undefined)]).toEqual([1_048_576, 0, undefined]);
});

test('hrefs are below where the client came', () => {
  expect(hrefOfVm('/api', 'v')).toBe('/api/vms/v');
  expect(hrefOfJob('/x', 'v', 'a/b?c')).toBe('/x/vms/v/jobs/a%2Fb%3Fc');
});
