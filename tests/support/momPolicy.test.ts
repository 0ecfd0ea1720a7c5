import { expect, test } from '@jest/globals';
import { momTargets } from './momPolicy.ts';

const HOST = 16 * 1024 ** 2;
/** The target of one guest with one sample of its figures, in KiB. */
const target = (
  free: number,
  [cur, unused, min, max]: readonly [number, number, number, number],
  isEnabled = true,
) => {
  const guest = { cur: [cur], unused: [unused], min, max };
  const host = { total: HOST, free: [free * HOST] };
  return momTargets(host, new Map([['vm', guest]]), isEnabled).get('vm');
};

// Decisions of MoM 0.6.6 with the policy of VDSM 4.50.7.
test.each([
  ['takes a twentieth of an idle guest', 0.1, [4194304, 2621440, 1048576, 4194304], 3984588],
  ['stops at the guarantee', 0.1, [4194304, 2621440, 4100000, 4194304], 4100000],
  ['leaves a full guest alone', 0.1, [4194304, 409600, 1048576, 4194304], undefined],
  ['takes from a full guest if it is critical', 0.03, [4194304, 409600, 1048576, 4194304], 3984588],
  ['raises a guest to its guarantee', 0.1, [2000000, 100000, 2097152, 4194304], 2097152],
  ['gives a twentieth', 0.25, [2097152, 1048576, 1048576, 4194304], 2202009],
  ['gives more to a full guest', 0.25, [2097152, 204800, 1048576, 4194304], 2416640],
  ['gives no more than the maximum', 0.25, [4090000, 204800, 1048576, 4194304], 4194304],
] as const)("MoM's policy %s", (_, free, guest, expected) => {
  expect(target(free, guest)).toBe(expected);
});

test("MoM's policy gives memory while ballooning is off, also if it is critical", () => {
  expect(target(0.03, [2097152, 1048576, 1048576, 4194304], false)).toBe(2202009);
});
