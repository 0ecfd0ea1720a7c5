import { expect, test } from '@jest/globals';
import { guardsOf, merged } from '../../bench/guardFile.ts';

const committed = { amd: { rpc: { x: 1 }, stomp: { y: 2 } }, intel: { rpc: { x: 3 } } };

test('a benchmark is compared with what was found on the same processor', () => {
  expect(guardsOf(committed, 'intel', 'rpc')).toEqual([{ x: 3 }]);
});

test('on a processor without figures, it is compared with those of all others', () => {
  expect(guardsOf(committed, 'arm', 'rpc')).toEqual([{ x: 1 }, { x: 3 }]);
  expect(guardsOf(committed, 'intel', 'stomp')).toEqual([{ y: 2 }]);
  expect(guardsOf(committed, 'intel', 'new')).toEqual([]);
});

test('recording some benchmarks keeps the others and other processors, and drops those that are gone', () => {
  const before = {
    amd: { rpc: { x: 1, renamed: 1 }, stomp: { y: 2 }, gone: { z: 3 } },
    intel: { rpc: { x: 3 } },
  };
  expect(merged(before, 'amd', { rpc: { x: 4 }, page: {} }, ['rpc', 'stomp', 'page'])).toEqual({
    amd: { rpc: { x: 4 }, stomp: { y: 2 } },
    intel: { rpc: { x: 3 } },
  });
});

test('the first record of a processor is added', () => {
  expect(merged(committed, 'arm', { rpc: { x: 5 } }, ['rpc', 'stomp'])).toEqual({
    ...committed,
    arm: { rpc: { x: 5 } },
  });
});
