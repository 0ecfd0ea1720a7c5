import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { lookOf } from '../../../src/vmemctl/output/look.ts';
import { widthOf } from '../../../src/vmemctl/output/width.ts';
import { frame, type Screen } from '../../../src/vmemctl/top/frame.ts';
import {
  firstState,
  type HostState,
  merged,
  pressed,
  rowsOf,
  type TopState,
} from '../../../src/vmemctl/top/state.ts';
import { assertProperty } from '../../support/property.ts';
import { gib, overviewOf, vm } from '../glance.ts';

const screen = (columns: number, rows: number): Screen => ({
  look: { ...lookOf({ isTTY: true, columns }, { LANG: 'C.UTF-8', NO_COLOR: '1' }), columns },
  rows,
});
const extent = { all: 10, fitting: 4 };
const after = (keys: string, state: TopState = firstState): TopState =>
  Array.from(keys).reduce<TopState>((now, key) => pressed(now, key, extent), state);

const small = vm(1, { name: 'small', used_kib: gib(0.9) });
const large = vm(2, { name: 'large', used_kib: gib(2), current_kib: gib(8) });
const down = vm(3, { name: 'down', status: 'Down' });
const host: HostState = { name: 'a', overview: overviewOf([large, small]) };
const names = (state: Partial<TopState>, hosts = [host]) =>
  rowsOf(hosts, { ...firstState, ...state }).map(({ name }) => name);

describe('VMs are sorted', () => {
  test.each([
    ['need', ['small', 'large']],
    ['used', ['large', 'small']],
    ['name', ['large', 'small']],
    ['free', ['large', 'small']],
  ] as const)('by %s', (sort, order) => {
    expect(names({ sort })).toEqual(order);
    expect(names({ sort, isReversed: true })).toEqual(order.toReversed());
  });

  test('by what the policy says that they need, where it does', () => {
    const needy = vm(4, { name: 'needy', used_kib: gib(0.1), need_kib: gib(1.5) });
    expect(names({}, [{ name: 'a', overview: overviewOf([small, needy]) }])).toEqual([
      'needy',
      'small',
    ]);
  });

  test('with those that are unknown at the end', () => {
    const unknown = { ...down, name: 'down' };
    delete (unknown as { used_kib?: unknown }).used_kib;
    expect(
      names({ sort: 'used' }, [{ name: 'a', overview: overviewOf([unknown, small]) }]),
    ).toEqual(['small', 'down']);
  });

  test('over all hosts, and filtered by their names', () => {
    const other: HostState = { name: 'b', overview: overviewOf([vm(5, { name: 'smaller' })]) };
    expect(names({ filter: 'SMALL' }, [host, other])).toEqual(['small', 'smaller']);
  });
});

describe('a key', () => {
  test.each([
    ['s', { sort: 'used' }],
    ['S', { sort: 'name' }],
    ['r', { isReversed: true }],
    ['rr', { isReversed: false }],
    ['p', { isPaused: true }],
    ['q', { hasEnded: true }],
    ['\x03', { hasEnded: true }],
    ['jj', { offset: 2 }],
    ['jjk', { offset: 1 }],
    ['jjjjjjjjj', { offset: 6 }],
    ['k', { offset: 0 }],
    ['/web', { filter: 'web', isTyping: true }],
    ['/webq\x7f\r', { filter: 'web', isTyping: false, hasEnded: false }],
    ['/w\x1b', { filter: '', isTyping: false }],
    ['/\x03', { hasEnded: true }],
    ['x', {}],
  ])('%j', (keys, changes) => {
    expect(after(keys)).toMatchObject(changes);
  });

  test('of the page moves by a screen', () => {
    expect(pressed(firstState, '\x1b[6~', extent).offset).toBe(4);
  });
});

describe('the screen', () => {
  test('has the host, its VMs, a legend and the keys', () => {
    const lines = frame([host], firstState, screen(100, 10));
    expect(lines).toHaveLength(10);
    expect(lines[0]).toBe('kvm1  2 VMs  40 GiB of 64 GiB available  promised 1 GiB');
    expect(lines[2]).toMatch(/^NAME +STATUS/);
    expect(lines[3]).toMatch(/^small +Up/);
    expect(lines[9]).toMatch(/^q quit {3}s sort: need/);
  });

  test('says which part of the VMs is shown', () => {
    const many = { name: 'a', overview: overviewOf(Array.from({ length: 30 }, (_, n) => vm(n))) };
    const lines = frame([many], { ...firstState, offset: 5 }, screen(120, 15));
    expect(lines.at(-1)).toContain('↑↓ 6-15 of 30');
  });

  test('of several hosts names the host of each VM, and says which is away', () => {
    const away: HostState = { ...host, name: 'b', problem: 'cannot connect' };
    const lines = frame([host, away], firstState, screen(110, 12));
    expect(lines[1]).toBe('b: cannot connect');
    expect(lines[3]).toMatch(/^HOST +NAME/);
    expect(lines.filter((line) => line.startsWith('b '))).toHaveLength(2);
    const own = { ...away, overview: overviewOf([vm(7)], { name: 'kvm7' }) };
    expect(frame([host, own], firstState, screen(110, 12)).join('\n')).toMatch(/^kvm7 +vm7/m);
  });

  test('is as large as the terminal, whatever that is', () => {
    const size = fc.record({
      columns: fc.integer({ min: 20, max: 200 }),
      rows: fc.integer({ min: 4, max: 60 }),
    });
    const many = {
      name: 'a',
      overview: overviewOf(
        Array.from({ length: 30 }, (_, n) => vm(n, { name: `größe-内存-${String(n)}` })),
      ),
    };
    assertProperty(
      fc.property(size, fc.constantFrom('', '/x', 'jj', 's', 'p'), ({ columns, rows }, keys) => {
        const lines = frame([many], after(keys), screen(columns, rows));
        expect(lines).toHaveLength(rows);
        for (const line of lines) expect(widthOf(line)).toBeLessThanOrEqual(columns);
      }),
    );
  });
});

describe('an answer with changes', () => {
  test('replaces, adds and removes VMs', () => {
    const before = overviewOf([small, large]);
    const changed = { ...small, status: 'Paused' as const };
    const answer = overviewOf([changed, down], {}, { complete: false, gone: [large.id] });
    expect(merged(before, answer).vms).toEqual([changed, down]);
  });

  test('that has all VMs stands for itself', () => {
    const answer = overviewOf([down]);
    expect(merged(overviewOf([small]), answer)).toBe(answer);
  });
});
