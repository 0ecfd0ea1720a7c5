import { expect, test } from '@jest/globals';
import { hostLabels } from '../../../src/vmemctl/names/hostLabels.ts';

test('a host has its own name, unless two have the same or it has not said it', () => {
  expect(
    hostLabels([
      { given: 'ws://10.0.0.1:54321', own: 'kvm1' },
      { given: 'wss://a', own: 'kvm2' },
      { given: 'wss://b', own: 'kvm2' },
      { given: '/run/c.sock' },
    ]),
  ).toEqual(['kvm1', 'a', 'b', '/run/c.sock']);
});
