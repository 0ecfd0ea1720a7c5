import unit from './jest.config.js';

/** Tests of the page in a real browser, on the simulated host. */
export default {
  roots: ['<rootDir>/tests/browser'],
  transform: unit.transform,
  globalSetup: '<rootDir>/tests/browser/buildPage.ts',
  // Only a test that hangs takes so long, however busy the machine.
  testTimeout: 180_000,
  maxWorkers: 1,
};
