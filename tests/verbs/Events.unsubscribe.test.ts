import { beforeEach, expect, test } from '@jest/globals';
import { EventBus } from '../../src/jsonrpc/eventBus.ts';
import { World } from '../support/world.ts';

let unsubscribe: (params?: unknown) => Promise<unknown>;
let sent: string[];
let bus: EventBus;

beforeEach(async () => {
  const world = await World.open();
  bus = new EventBus();
  sent = [];
  const subscriptions = bus.open((text) => sent.push(text));
  for (const pattern of ['|virt|VM_status|*', '|virt|VM_memory|*']) subscriptions.add(pattern);
  unsubscribe = (params) =>
    world.call('Events.unsubscribe', params, {
      peer: { address: 'test', access: 'admin', subscriptions },
    });
});

test('without a pattern, ends all subscriptions', async () => {
  await expect(unsubscribe()).resolves.toEqual([]);
  bus.publish('|virt|VM_status|x', {});
  expect(sent).toEqual([]);
});

test('removes the given patterns, ignores unknown ones, and returns the rest', async () => {
  const events = ['|virt|VM_status|*', '|never|subscribed|*'];
  await expect(unsubscribe({ events })).resolves.toEqual(['|virt|VM_memory|*']);
  bus.publish('|virt|VM_status|x', {});
  bus.publish('|virt|VM_memory|x', {});
  expect(sent).toHaveLength(1);
});

test.each([[{ events: null }], [{ events: '*' }], [{ events: [5] }]])(
  'refuses %j',
  async (params) => {
    await expect(unsubscribe(params)).rejects.toMatchObject({ code: -32602 });
  },
);
