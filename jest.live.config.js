import unit from './jest.config.js';

const libvirts = (process.env.VMEMD_TEST_LIBVIRT ?? '').split(' ');

/**
 * Tests against a real libvirt and real guests: VMEMD_TEST_LIBVIRT and VMEMD_TEST_GUEST say where. Of several URIs,
 * separated by blanks, each worker has its own: a libvirt has one vmemd at a time.
 */
export default {
  roots: ['<rootDir>/tests/live'],
  transform: unit.transform,
  // Guests without KVM boot slowly on a busy machine; only a test that hangs takes so long.
  testTimeout: 600_000,
  maxWorkers: libvirts.length,
};
