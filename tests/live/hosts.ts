import { describe } from '@jest/globals';
import { needs, prerequisite } from '../support/needs.ts';

/** The hosts that one suite runs against: what the simulated one does, real libvirt has to do as well. */
export const hosts = [
  { name: 'the simulated host', suite: describe, uri: 'simulated', real: false },
  {
    name: 'real libvirt',
    suite: needs('VMEMD_TEST_LIBVIRT', 'VMEMD_TEST_GUEST'),
    uri: prerequisite('VMEMD_TEST_LIBVIRT'),
    real: true,
  },
];
