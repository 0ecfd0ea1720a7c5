import { expect, test } from '@jest/globals';
import { Fault } from '../../../src/server/rest/fault.ts';
import { flag, hrefOfJob, hrefOfVm, inBytes } from '../../../src/server/rest/resource.ts';
import { MiB } from '../../../src/common/units.ts';

test('a flag is true, false or absent', () => {
  const query = new URLSearchParams('a=true&b=FALSE&c=1');
  expect([flag(query, 'a'), flag(query, 'b'), flag(query, 'd')]).toEqual([true, false, undefined]);
  expect(() => flag(query, 'c')).toThrow(Fault);
});

test('sizes are in bytes, unknown ones absent', () => {
  expect([inBytes(MiB(1)), inBytes(MiB(0)), inBytes(undefined)]).toEqual([1_048_576, 0, undefined]);
});

test('hrefs have the prefix of the request', () => {
  expect(hrefOfVm('/api', 'v')).toBe('/api/vms/v');
  expect(hrefOfJob('/x', 'v', 'a/b?c')).toBe('/x/vms/v/jobs/a%2Fb%3Fc');
});
