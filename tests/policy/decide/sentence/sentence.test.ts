import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { KiB } from '../../../../src/common/units.ts';
import { EXEMPTIONS } from '../../../../src/policy/decide/lines/fields.ts';
import type { HostReason } from '../../../../src/policy/decide/round/round.ts';
import { sentenceOf } from '../../../../src/policy/decide/sentence/sentence.ts';
import { assertProperty } from '../../../support/property.ts';
import { causeOf, lives, madeIn } from './causes.ts';
import { SENTENCES } from './sentences.ts';

const MIB = 1024;
const GIB = 1024 * MIB;
const gib = (size: number): KiB => KiB(size * GIB);

const enough: HostReason = {
  state: 'enough',
  inputs: { available: gib(8), goal: gib(6), reserve: gib(2) },
};

/** A guest of 2 GiB that is sent to 3 GiB or 1.5 GiB, or lacks 100 MiB where that is the reason. */
function sentenceFor(cause: string): string {
  const [rule = '', ...rest] = cause.split(', ');
  const way = rest.find((part) => part === 'grow' || part === 'shrink');
  const bound = rest.find((part) => part !== way);
  const targets = { grow: gib(3), shrink: gib(1.5) };
  const lacks = bound === 'dead-band' || bound === 'host-memory';
  const decision = {
    name: 'vm',
    ...(way && { target: targets[way] }),
    reason: {
      rule,
      ...(bound !== undefined && { bound }),
      inputs: {
        current: gib(2),
        asked: gib(bound === 'asked-already' || bound === 'on-its-way' ? 2.5 : 2),
        ...(!cause.includes('statistics') && { used: 900 * MIB }),
        ...(isOfMom(rule) || cause.includes('statistics') ?
          {}
        : { need: lacks ? 2148 * MIB : 1200 * MIB, part: gib(1) }),
        ...(rule === 'stuck' && { askedAgainInSeconds: 60 }),
      },
    },
  };
  return sentenceOf(decision, { host: enough });
}

const isOfMom = (rule: string): boolean => rule === 'grow' || rule === 'shrink';

test.each(Object.entries(SENTENCES))('%s', (cause, sentence) => {
  expect(sentenceFor(cause)).toBe(sentence);
});

/** The cause of a target that is as good as the present size. */
const still = (cause: string): string => cause.replace(/(grow|shrink)$/, 'same');

test('no rule and no bound that can be decided is without a sentence', () => {
  const known = new Set([...Object.keys(SENTENCES), ...Object.keys(SENTENCES).map(still)]);
  assertProperty(
    fc.property(lives, (life) => {
      for (const made of madeIn(life)) {
        const cause = causeOf(made);
        if (!known.has(cause)) expect(cause).toBe('in the table');
      }
    }),
  );
});

test('each exemption has a sentence', () => {
  expect(EXEMPTIONS.filter((exemption) => !(exemption in SENTENCES))).toEqual([]);
});

test('a sentence names what the guest has and gets, and says nothing that is not known', () => {
  assertProperty(
    fc.property(lives, (life) => {
      for (const { decision, guest, host } of madeIn(life)) {
        const sentence = sentenceOf(decision, { current: guest.current, host });
        expect(sentence).toMatch(/^vm\d (is|keeps) .+: .+\.$/);
        expect(sentence).not.toMatch(/undefined|NaN|-\d| 0 MiB (less|more)/);
        const { target } = decision;
        const isGrowing = target !== undefined && target > (guest.current ?? target);
        if (sentence.includes('is to')) expect(sentence.includes('to grow')).toBe(isGrowing);
        if (decision.reason.inputs.used === undefined) expect(sentence).not.toContain('it uses');
        const isShort = host.state === 'short' || host.state === 'critical';
        if (/the host has .+ (less|more) than/.test(sentence)) {
          expect(sentence.includes('less than its')).toBe(isShort);
        }
      }
    }),
  );
});

test.each([
  [
    { state: 'short', inputs: { available: gib(5), goal: gib(6), reserve: gib(2) } },
    'the host has 1 GiB less than its goal',
  ],
  [
    { state: 'critical', inputs: { available: gib(1), goal: gib(6), reserve: gib(2) } },
    'the host has 1 GiB less than its reserve',
  ],
  [enough, 'the host has 2 GiB more than its goal'],
  [
    { ...enough, state: 'stalled' },
    'the host has 2 GiB more than its goal, but its tasks wait for memory',
  ],
  [{ state: 'unknown', inputs: {} }, 'how much memory the host has is not known'],
] as const)('the host is told as it is: %j', (host, text) => {
  const decision = { name: 'a9f0', reason: { rule: 'rest', inputs: {} } };
  expect(sentenceOf(decision, { label: 'web1', current: gib(2), host })).toBe(
    `web1 keeps 2 GiB: ${text}.`,
  );
});

test('a decision without any figure is told in words', () => {
  const decision = { name: 'vm', reason: { rule: 'rest', inputs: {} } };
  expect(sentenceOf(decision)).toBe('vm is left as it is.');
});
