import { expect, test } from '@jest/globals';
import { readFileSync, writeFileSync } from 'node:fs';
import { decide, type PolicyMemory } from '../../../src/policy/decide/decide.ts';
import type { Decision, HostReason } from '../../../src/policy/decide/round/round.ts';
import { courses } from './courses.ts';

/** In KiB and whole numbers, as `rule/bound target: figures`. */
const lineOf = ({ name, target, reason }: Decision): string =>
  `  ${name} ${reason.rule}${reason.bound === undefined ? '' : `/${reason.bound}`}` +
  `${target === undefined ? '' : ` ${target}`}: ${figuresOf(reason)}`;
const figuresOf = ({ inputs }: Pick<HostReason, 'inputs'>): string =>
  Object.entries(inputs)
    .map(([key, value]) => `${key} ${Number(value.toPrecision(9))}`)
    .join(', ');

/** What the algorithm decides in every round of every course, whose guests follow its targets. */
function* decided(algorithm: 'adaptive' | 'mom'): Generator<string> {
  for (const [index, course] of courses().entries()) {
    let memory: PolicyMemory = {};
    for (const { host, guests } of course.rounds()) {
      const outcome = decide(host, guests, { algorithm, ...course.parameters }, memory);
      ({ memory } = outcome);
      const { state, inputs } = outcome.hostReason;
      yield `course ${index}, ${host.time} s, host ${state}: ${figuresOf({ inputs })}`;
      if (outcome.momAborts !== undefined) yield `  MoM aborts: ${outcome.momAborts}`;
      yield* outcome.decisions.map(lineOf);
      course.follow(outcome.decisions);
    }
  }
}

test.each(['adaptive', 'mom'] as const)(
  'decisions of %s in drawn courses are the recorded ones, which VMEMD_TEST_UPDATE_GOLDEN=1 writes anew',
  (algorithm) => {
    const file = `fixtures/policy/${algorithm}-courses.txt`;
    if (process.env['VMEMD_TEST_UPDATE_GOLDEN']) {
      writeFileSync(file, `${[...decided(algorithm)].join('\n')}\n`);
    }
    const recorded = readFileSync(file, 'utf8').split('\n');
    let count = 0;
    for (const line of decided(algorithm)) {
      if (line !== recorded[count]) expect(line).toBe(recorded[count]);
      count += 1;
    }
    expect(recorded.slice(count)).toEqual(['']);
  },
);
