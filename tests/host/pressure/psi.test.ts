import { expect, test } from '@jest/globals';
import { readPsi } from '../../../src/host/pressure/psi.ts';

test('reads averages in percent and totals in seconds', () => {
  const text =
    'some avg10=1.50 avg60=0.00 avg300=0.00 total=2500000\nfull avg10=0.25 avg60=0.00 avg300=0.00 total=1000\n';
  expect(readPsi(text)).toEqual({
    some: { avg10: 1.5, total: 2.5 },
    full: { avg10: 0.25, total: 0.001 },
  });
});

test('a kernel that reports no full stalls has only those of some tasks', () => {
  expect(readPsi('some avg10=0.00 avg60=0.00 avg300=0.00 total=0\n')).toEqual({
    some: { avg10: 0, total: 0 },
  });
});

test.each([
  '',
  'some',
  'some avg10=x total=1',
  'some avg10=120.00 avg60=0 total=1',
  'full avg10=1.00 total=1',
])('does not read %j', (text) => {
  expect(readPsi(text)).toBeUndefined();
});
