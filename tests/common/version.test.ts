import { expect, test } from '@jest/globals';
import { version } from '../../src/common/version.ts';

test("the version is package.json's, from any folder of the program", () => {
  expect(version()).toMatch(/^\d+\.\d+\.\d+$/);
  expect(version(import.meta.dirname)).toBe(version());
});
