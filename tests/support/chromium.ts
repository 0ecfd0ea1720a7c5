/** The browser of the tests and benchmarks. */
export const CHROMIUM = process.env['VMEMD_TEST_CHROMIUM'] ?? '/usr/bin/chromium';
