import { expect, test } from '@jest/globals';
import { answerLine, firstState, type LineState } from '../../../src/policy/decide/lines/answer.ts';
import { readRound } from '../../../src/policy/decide/lines/roundLine.ts';

interface Answer {
  readonly error?: string;
  readonly time?: number;
  readonly algorithm?: string;
  readonly mom_aborts?: string;
  readonly host?: { readonly state: string; readonly inputs: Readonly<Record<string, number>> };
  readonly decisions?: readonly { name: string; target?: number; sentence: string }[];
}

const answers = (
  lines: readonly unknown[],
  start = firstState({ algorithm: 'adaptive' }),
): Answer[] => {
  let state: LineState = start;
  return lines.map((line) => {
    const text = typeof line === 'string' ? line : JSON.stringify(line);
    const { answer, state: after } = answerLine(text, state);
    state = after;
    return JSON.parse(answer) as Answer;
  });
};

const GIB = 1024 ** 2;
const host = { mem_total: 64 * GIB, mem_available: 4 * GIB };
const guest = {
  name: 'vm',
  balloon_cur: 8 * GIB,
  balloon_min: GIB,
  balloon_max: 8 * GIB,
  available: 8 * GIB,
  usable: 6 * GIB,
  'last-update': 1,
};

test('a line with a guest that has memory to spare on a host that is short is answered with a smaller target and why', () => {
  const [answer] = answers([{ time: 1, host, guests: [guest] }]);
  expect(answer?.host).toMatchObject({
    state: 'short',
    inputs: { available: 4 * GIB, goal: 13_421_773, growsInSeconds: 60 },
  });
  expect(answer?.decisions?.[0]).toMatchObject({
    name: 'vm',
    target: 7549744,
    sentence:
      'vm is to shrink from 8 GiB to 7.2 GiB: it uses 2 GiB and needs 2.4 GiB; no more at once; the host has 8.8 GiB less than its goal.',
  });
});

test('numbers may be decimal text, and statistics may have the hyphens of libvirt', () => {
  const texts = Object.fromEntries(
    Object.entries(guest).map(([name, value]) => [name, String(value)]),
  );
  const [plain, quoted] = [guest, texts].map(
    (each) => answers([{ time: 1, host, guests: [each] }])[0],
  );
  expect(quoted).toEqual(plain);
});

test('what one line shows is remembered for the next: a balloon that has been asked is not asked again', () => {
  const full = { ...guest, balloon_cur: 4 * GIB, available: 4 * GIB, usable: 3 * GIB };
  const plenty = { ...host, mem_available: 60 * GIB };
  const line = (time: number) => ({ time, host: plenty, guests: [full] });
  const targets = answers([line(1), line(2)]).map(({ decisions }) => decisions?.[0]?.target);
  expect(targets[0]).toBeGreaterThan(4 * GIB);
  expect(targets[1]).not.toBe(targets[0]);
});

test('the algorithm and its settings change from the line that names them on', () => {
  const line = {
    time: 1,
    host: { mem_total: 100 * GIB, mem_free: 10 * GIB },
    guests: [{ ...guest, unused: 4 * GIB }],
  };
  const [first, second, third] = answers([
    line,
    { ...line, parameters: { algorithm: 'mom', max_change: 0.1 } },
    { ...line, parameters: { enabled: false } },
  ]);
  expect([first?.algorithm, second?.algorithm, third?.algorithm]).toEqual([
    'adaptive',
    'mom',
    'mom',
  ]);
  expect(second?.decisions?.[0]?.target).toBe(Math.trunc(8 * GIB * 0.9));
  expect(third?.decisions?.[0]?.target).toBeUndefined();
});

test("a round that MoM's own script would have aborted says so", () => {
  const bad = { ...guest, balloon_min: null };
  const line = { time: 1, host: { ...host, mem_free: GIB }, guests: [bad] };
  const [answer] = answers([line], firstState({ algorithm: 'mom' }));
  expect(answer?.mom_aborts).toBe('vm has no balloon_min');
});

test.each([
  ['no JSON', 'x', 'the line is not JSON'],
  ['a list', '[]', 'the line must be an object'],
  ['no host', { time: 1 }, 'host must be an object'],
  ['no time', { host }, 'the line needs time, in seconds'],
  ['no total', { time: 1, host: {} }, 'host needs mem_total, in KiB'],
  ['a total of 0', { time: 1, host: { mem_total: 0 } }, 'host needs mem_total, in KiB'],
  ['text for a total', { time: 1, host: { mem_total: 'x' } }, 'host: mem_total must be a number'],
  [
    'text for the free memory',
    { time: 1, host: { ...host, mem_free: 'x' } },
    'host: mem_free must be a number',
  ],
  [
    'text for the available memory',
    { time: 1, host: { ...host, mem_available: 'x' } },
    'host: mem_available must be a number',
  ],
  [
    'text for the stalls',
    { time: 1, host: { ...host, psi_some_avg10: 'x' } },
    'host: psi_some_avg10 must be a number',
  ],
  ['text for the time', { time: 'x', host }, 'the line: time must be a number'],
  [
    'guests that are no list',
    { time: 1, host, guests: {} },
    'guests must be a list of at most 100000',
  ],
  ['a guest that is none', { time: 1, host, guests: [5] }, 'guest 0 must be an object'],
  ['parameters that are none', { time: 1, host, parameters: 5 }, 'parameters must be an object'],
  ['a guest with an empty name', { time: 1, host, guests: [{ name: '' }] }, 'guest 0 needs a name'],
  ['a guest without a name', { time: 1, host, guests: [{}] }, 'guest 0 needs a name'],
  ['a name twice', { time: 1, host, guests: [guest, guest] }, 'two guests have the same name'],
  [
    'text for a size',
    { time: 1, host, guests: [{ ...guest, unused: '1k' }] },
    'vm: unused must be a number',
  ],
  [
    'an unknown exemption',
    { time: 1, host, guests: [{ ...guest, exempt: 'tired' }] },
    /^vm: exempt must be one of/,
  ],
  ['another version', { version: 2, time: 1, host }, 'version must be 1'],
  [
    'an unknown algorithm',
    { time: 1, host, parameters: { algorithm: 'x' } },
    'parameters: algorithm must be mom or adaptive',
  ],
  [
    'an unknown setting',
    { time: 1, host, parameters: { gaol: 1 } },
    /^parameters: there is no gaol, use some of: goal \(a number from 0 to 0\.9\), /,
  ],
  [
    'a negative setting',
    { time: 1, host, parameters: { goal: -1 } },
    'parameters: goal must be a number from 0 to 0.9',
  ],
] as const)(
  'a line with %s is answered with what is wrong, and the next one is decided',
  (_, line, error) => {
    const [wrong, right] = answers([line, { time: 1, host, guests: [guest] }]);
    expect(wrong?.error).toEqual(typeof error === 'string' ? error : expect.stringMatching(error));
    expect(right?.decisions?.[0]?.target).toBe(7549744);
  },
);

test.each([-4, 9e99, 65 * GIB])(
  'a host that reports the impossible figure %d counts as one that reports none',
  (available) => {
    const [answer] = answers([
      { time: 1, host: { ...host, mem_available: available }, guests: [guest] },
    ]);
    expect(answer?.host?.state).toBe('unknown');
    expect(answer?.decisions?.[0]?.target).toBeUndefined();
  },
);

test('what a line does not have is absent from its round', () => {
  const line = { time: 1, host: { mem_total: 5 }, guests: [{ name: 'a' }] };
  expect(readRound(JSON.stringify(line))).toStrictEqual({
    host: { time: 1, total: 5 },
    guests: [{ name: 'a' }],
    parameters: {},
  });
});

test('free memory stands for an absent figure of what is available, and not for an unknown one', () => {
  const read = (more: object) =>
    readRound(JSON.stringify({ time: 1, host: { mem_total: 5, mem_free: 3, ...more } })).host;
  expect(read({})).toMatchObject({ free: 3, available: 3 });
  expect(read({ mem_available: null })).toStrictEqual({ time: 1, total: 5, free: 3 });
  expect(read({ mem_available: 5, psi_some_avg10: 2 })).toStrictEqual({
    time: 1,
    total: 5,
    free: 3,
    available: 5,
    stall: 2,
  });
});

test('a statistic is read by the name with a hyphen, which libvirt gives it, as well', () => {
  const named = { name: 'a', exempt: 'paused', 'swap-in': 1, swap_out: 2, 'disk-caches': 3 };
  const { guests } = readRound(JSON.stringify({ time: 1, host, guests: [named] }));
  expect(guests).toStrictEqual([
    { name: 'a', exempt: 'paused', swapIn: 1, swapOut: 2, diskCaches: 3 },
  ]);
});
