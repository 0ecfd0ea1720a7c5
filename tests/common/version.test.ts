import { expect, test } from '@jest/globals';
import { packageFolder, version } from '../../src/common/version.ts';

test("the version is package.json's", () => {
  expect(version()).toMatch(/^\d+\.\d+\.\d+$/);
});

test('the folder of the package is found from any folder of the program', () => {
  expect(packageFolder(import.meta.dirname)).toBe(packageFolder());
});
