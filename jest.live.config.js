import unit from './jest.config.js';

/** Tests against a real libvirt and real guests: VMEMD_TEST_LIBVIRT and VMEMD_TEST_GUEST say where. */
export default {
  roots: ['<rootDir>/tests/live'],
  transform: unit.transform,
  // Guests without KVM boot slowly on a busy machine; only a test that hangs takes so long.
  testTimeout: 600_000,
  maxWorkers: 1,
};
