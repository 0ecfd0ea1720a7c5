import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { KiB } from '../../../src/common/units.ts';
import { adaptiveDefaults } from '../../../src/policy/decide/adaptive/parameters.ts';
import { decidedOf, writtenParameters } from '../../../src/policy/decide/lines/decided.ts';
import { readRound } from '../../../src/policy/decide/lines/roundLine.ts';
import { writtenGuest, writtenHead } from '../../../src/policy/decide/lines/writeRound.ts';
import { momDefaults } from '../../../src/policy/decide/mom/parameters.ts';
import type { GuestFigures, HostFigures } from '../../../src/policy/decide/round/round.ts';
import { assertProperty } from '../../support/property.ts';
import { rounds } from './adaptive/random.ts';

test('a round that is written is read as it was', () => {
  assertProperty(
    fc.property(rounds, (given) => {
      for (const { host, guests } of given) {
        // JSON has no number for what is no number; such a figure is absent.
        const plain = JSON.parse(JSON.stringify({ host, guests })) as unknown;
        const { host: readHost, guests: readGuests } = readRound(lineOf(host, guests));
        expect(withoutNull({ host: readHost, guests: readGuests })).toEqual(withoutNull(plain));
      }
    }),
  );
});

test('a host of which only the free memory is known is read as such', () => {
  const host = { time: 5, total: KiB(1000), free: KiB(400) };
  expect(readRound(lineOf(host, [])).host).toEqual(host);
});

const lineOf = (host: HostFigures, guests: readonly GuestFigures[]): string =>
  JSON.stringify({ ...writtenHead(host), guests: guests.map((guest) => writtenGuest(guest)) });

const withoutNull = (value: unknown): unknown =>
  JSON.parse(JSON.stringify(value, (_, each: unknown) => each ?? undefined));

test.each([
  { algorithm: 'mom', window: 3 },
  { algorithm: 'adaptive', goal: 0.3, twoPhases: false },
] as const)('parameters that are written are read with the defaults: %j', (parameters) => {
  const line = { decided: { round: 1, parameters: writtenParameters(parameters) } };
  const defaults = parameters.algorithm === 'mom' ? momDefaults : adaptiveDefaults;
  expect(decidedOf(line)?.parameters).toEqual({ ...defaults, ...parameters });
});

test('parameters of a later version are left out', () => {
  const line = { decided: { parameters: { algorithm: 'adaptive', goal: 0.3, mood: 'good' } } };
  expect(decidedOf(line)?.parameters).toEqual({ algorithm: 'adaptive', goal: 0.3 });
});
