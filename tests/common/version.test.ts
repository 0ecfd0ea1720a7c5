import { expect, test } from '@jest/globals';
import { version } from '../../src/common/version.ts';

test('the version is that of package.json, from wherever in the program one looks', () => {
  expect(version()).toMatch(/^\d+\.\d+\.\d+$/);
  expect(version(import.meta.dirname)).toBe(version());
});
