import { expect, test } from '@jest/globals';
import { ConnectedSlotRule } from '../../../src/host/libvirt/slotRule.ts';
import type { Client, ClientEvent } from '../../../src/libvirt/index.ts';

function connected(versions: readonly (number | Error)[]) {
  const rest = [...versions];
  let emit: (event: ClientEvent) => void = () => undefined;
  const getLibVersion = (): Promise<number> => {
    const next = rest.shift() ?? new Error('no more');
    return next instanceof Error ? Promise.reject(next) : Promise.resolve(next);
  };
  const client = {
    control: { getLibVersion },
    listen: (listener: (event: ClientEvent) => void) => {
      emit = listener;
    },
  } as unknown as Client;
  return { rule: new ConnectedSlotRule(client), reconnect: () => emit({ kind: 'reconnected' }) };
}

test.each([
  [9_000_000, 'all-devices'],
  [9_004_000, 'all-devices'],
  [9_005_000, 'dimms'],
  [11_003_000, 'dimms'],
])('libvirt %d has the slot rule %s', async (version, expected) => {
  const { rule } = connected([version]);
  await rule.read();
  expect(rule.current).toBe(expected);
});

test('libvirt decides itself while its version is unknown', async () => {
  const { rule } = connected([new Error('lost')]);
  expect(rule.current).toBe('dimms');
  await rule.read();
  expect(rule.current).toBe('dimms');
});

test('the version is read again after a reconnect, and kept if that fails', async () => {
  const { rule, reconnect } = connected([11_003_000, 9_000_000, new Error('lost')]);
  await rule.read();
  reconnect();
  await new Promise(setImmediate);
  expect(rule.current).toBe('all-devices');
  reconnect();
  await new Promise(setImmediate);
  expect(rule.current).toBe('all-devices');
});
