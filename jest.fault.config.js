import unit from './jest.config.js';

/** Tests in which something fails: npm run test:fault. */
export default {
  roots: ['<rootDir>/tests/fault'],
  transform: unit.transform,
  // Only a test that hangs takes so long; the long forms take minutes.
  testTimeout: 3_600_000,
  maxWorkers: 2,
};
