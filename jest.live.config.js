import unit from './jest.config.js';

/** Tests against a real libvirt and real guests: VMEMD_TEST_LIBVIRT and VMEMD_TEST_GUEST say where. */
export default {
  roots: ['<rootDir>/tests/live'],
  extensionsToTreatAsEsm: unit.extensionsToTreatAsEsm,
  transform: unit.transform,
  testTimeout: 600_000,
  maxWorkers: 1,
};
