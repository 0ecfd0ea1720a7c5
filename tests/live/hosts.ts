import { describe } from '@jest/globals';
import { needs, prerequisite } from '../support/needs.ts';

/** The hosts that each suite runs against: the simulated one has to behave like real libvirt. */
export const hosts = [
  { name: 'the simulated host', suite: describe, uri: 'simulated', real: false },
  {
    name: 'real libvirt',
    suite: needs('VMEMD_TEST_LIBVIRT', 'VMEMD_TEST_GUEST'),
    uri: prerequisite('VMEMD_TEST_LIBVIRT'),
    real: true,
  },
];
