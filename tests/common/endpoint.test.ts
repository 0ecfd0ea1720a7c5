import { describe, expect, test } from '@jest/globals';
import { distinct, endpointText, readEndpoint } from '../../src/common/endpoint.ts';

describe('endpoints', () => {
  test.each([
    ['localhost', 'localhost:1'],
    ['::1', '[::1]:1'],
    ['localhost:5', 'localhost:5'],
    ['[::1]:5', '[::1]:5'],
    ['192.0.2.1:5', '192.0.2.1:5'],
  ])('are read from %s', (text, endpoint) => {
    expect(endpointText(readEndpoint(text, 1))).toBe(endpoint);
  });

  test.each<[given: string[], kept: string[], dropped: string[]]>([
    [['localhost', '192.0.2.1', 'a.example'], ['localhost:1', '192.0.2.1:1', 'a.example:1'], []],
    [['::1', '::1'], ['[::1]:1'], ['[::1]:1 by [::1]:1']],
    [['::1', '0:0:0:0:0:0:0:1'], ['[::1]:1'], ['[0:0:0:0:0:0:0:1]:1 by [::1]:1']],
    [['A.example', 'a.example'], ['A.example:1'], ['a.example:1 by A.example:1']],
    [['127.0.0.1', 'localhost'], ['localhost:1'], ['127.0.0.1:1 by localhost:1']],
    [
      ['localhost', '192.0.2.1', '::'],
      ['[::]:1'],
      ['localhost:1 by [::]:1', '192.0.2.1:1 by [::]:1'],
    ],
    [['0.0.0.0', '::'], ['[::]:1'], ['0.0.0.0:1 by [::]:1']],
    [['localhost', '0.0.0.0'], ['[::1]:1', '0.0.0.0:1'], ['127.0.0.1:1 by 0.0.0.0:1']],
    [
      ['::', 'localhost:2', 'localhost:0', 'localhost:0'],
      ['[::]:1', 'localhost:2', 'localhost:0', 'localhost:0'],
      [],
    ],
  ])('of %j are %j', (given, kept, dropped) => {
    const found = distinct(given.map((each) => readEndpoint(each, 1)));
    expect(found.kept.map(endpointText)).toEqual(kept);
    const texts = found.dropped.map(
      ({ endpoint, by }) => `${endpointText(endpoint)} by ${endpointText(by)}`,
    );
    expect(texts).toEqual(dropped);
  });
});
