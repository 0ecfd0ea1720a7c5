import { expect, test } from '@jest/globals';
import { EventBus } from '../../src/jsonrpc/eventBus.ts';
import { World } from '../support/world.ts';

const open = async () => {
  const world = await World.open();
  const bus = new EventBus();
  const sent: string[] = [];
  const subscriptions = bus.open((text) => sent.push(text));
  const subscribe = (params?: unknown) =>
    world.call('Events.subscribe', params, {
      peer: { address: 'test', access: 'admin', subscriptions },
    });
  return { bus, sent, subscribe };
};

test('without a pattern, every event is sent', async () => {
  const { bus, sent, subscribe } = await open();
  await expect(subscribe()).resolves.toEqual(['*']);
  bus.publish('|virt|VM_status|x', {});
  expect(sent).toHaveLength(1);
});

test('with patterns, only matching events are sent; patterns add up', async () => {
  const { bus, sent, subscribe } = await open();
  await subscribe({ events: ['|virt|VM_status|*'] });
  await expect(subscribe({ events: ['|virt|VM_memory|x'] })).resolves.toEqual([
    '|virt|VM_status|*',
    '|virt|VM_memory|x',
  ]);
  for (const id of ['x', 'y']) {
    bus.publish(`|virt|VM_status|${id}`, {});
    bus.publish(`|virt|VM_memory|${id}`, {});
  }
  expect(sent).toHaveLength(3);
});

test('a connection holds a limited number of patterns', async () => {
  const { subscribe } = await open();
  await subscribe({
    events: Array.from({ length: 100 }, (_, n) => `|virt|VM_status|${String(n)}`),
  });
  await expect(subscribe({ events: ['|one|too|many'] })).rejects.toMatchObject({ code: 1100 });
});

test.each([
  [{ events: null }],
  [{ events: '*' }],
  [{ events: [''] }],
  [{ events: [5] }],
  [{ events: ['x'.repeat(201)] }],
  [{ events: Array(101).fill('*') }],
])('refuses %j', async (params) => {
  const { subscribe } = await open();
  await expect(subscribe(params)).rejects.toMatchObject({ code: -32602 });
});
