import { describe, expect, test } from '@jest/globals';
import { EventBus } from '../../src/jsonrpc/eventBus.ts';

const name = '|virt|VM_status|b3f6fa00';

describe('EventBus', () => {
  const open = (bus: EventBus) => {
    const texts: string[] = [];
    return { texts, subscriptions: bus.open((text) => texts.push(text)) };
  };

  test('an event is sent once to each connection with a matching subscription', () => {
    const bus = new EventBus();
    const [one, other] = [open(bus), open(bus)];
    one.subscriptions.add('*');
    one.subscriptions.add('|virt|*');
    other.subscriptions.add('|net|*');
    bus.publish(name, { status: 'Up' });
    expect(one.texts).toEqual([`{"jsonrpc":"2.0","method":"${name}","params":{"status":"Up"}}`]);
    expect(other.texts).toEqual([]);
  });

  test('subscriptions are listed, removed, and end with the connection', () => {
    const bus = new EventBus();
    const { texts, subscriptions } = open(bus);
    subscriptions.add('|a|*');
    subscriptions.add('|b|*');
    subscriptions.add('|b|*');
    expect(subscriptions.patterns).toEqual(['|a|*', '|b|*']);
    expect(subscriptions.remove('|a|*')).toBe(true);
    expect(subscriptions.remove('|a|*')).toBe(false);
    bus.publish('|a|x', {});
    bus.publish('|b|x', {});
    subscriptions.close();
    bus.publish('|b|x', {});
    expect(texts).toHaveLength(1);
  });

  test('patterns are limited in number and length', () => {
    const { subscriptions } = open(new EventBus());
    for (let i = 0; i < 100; i++) subscriptions.add(`|a|${String(i)}`);
    expect(() => subscriptions.add('|a|0')).not.toThrow();
    expect(() => subscriptions.add('|b')).toThrow('100 subscriptions');
    expect(() => subscriptions.add('')).toThrow('1 to 256 characters');
    expect(() => subscriptions.add('x'.repeat(257))).toThrow('1 to 256 characters');
  });
});
