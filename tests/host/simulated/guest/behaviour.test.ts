import { expect, test } from '@jest/globals';
import { behaviourOf, ordinary } from '../../../../src/host/simulated/guest/behaviour.ts';

test.each(['', 'console=ttyS0 quiet', 'xvmemd.sim=no-swap', 'vmemd.sim='])(
  'the command line "%s" gives an ordinary guest',
  (line) => {
    expect(behaviourOf(line)).toEqual(ordinary);
  },
);

test('words combine, at any place of the command line', () => {
  expect(behaviourOf('console=ttyS0 vmemd.sim=no-swap,refuses-unplug quiet')).toEqual({
    ...ordinary,
    swap: false,
    unplug: 'refuses',
  });
});

test.each(['fly', 'toString', '__proto__'])('the error names the unknown word %s', (word) => {
  expect(() => behaviourOf(`vmemd.sim=busy,${word}`)).toThrow(
    `unknown word '${word}' in vmemd.sim, use some of: no-driver, `,
  );
});
