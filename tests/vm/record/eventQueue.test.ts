import { describe, expect, test } from '@jest/globals';
import { EventQueue } from '../../../src/vm/record/eventQueue.ts';

function open() {
  const events = new EventQueue();
  const raised: string[] = [];
  const push = (...names: readonly string[]) => {
    for (const name of names) events.push(() => raised.push(name));
  };
  return { events, raised, push };
}

describe('events', () => {
  test('wait until they are released, and come in the order in which they were raised', () => {
    const { events, raised, push } = open();
    push('first', 'second');
    expect(raised).toEqual([]);
    events.release();
    expect(raised).toEqual(['first', 'second']);
  });

  test('come once', () => {
    const { events, raised, push } = open();
    push('first');
    events.release();
    push('second');
    events.release();
    expect(raised).toEqual(['first', 'second']);
  });

  test('that another event raises come after those that wait', () => {
    const { events, raised, push } = open();
    events.push(() => {
      push('raised later');
    });
    push('waits');
    events.release();
    expect(raised).toEqual(['waits', 'raised later']);
  });
});

describe('undoing', () => {
  test('drops the events raised during the change, and no others', () => {
    const { events, raised, push } = open();
    push('before');
    const undo = events.during(() => {
      push('during', 'during');
    });
    push('after');
    undo();
    push('later');
    events.release();
    expect(raised).toEqual(['before', 'after', 'later']);
  });

  test('is not done unless it is called', () => {
    const { events, raised, push } = open();
    events.during(() => {
      push('during');
    });
    events.release();
    expect(raised).toEqual(['during']);
  });
});
