import './lib/node.mjs';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { Stryker } from '@stryker-mutator/core';
import { areas } from './lib/mutation/areas.mjs';
import { LEAST_SCORE, listSurvivors, table, tally } from './lib/mutation/score.mjs';
import { root } from './lib/run.mjs';

const USAGE = `Usage: npm run mutate -- [--survivors] [--only GLOB] [AREA…]

Mutation tests: change the source in one place at a time, and run the tests that reach the place. A change that no test
notices survives. Fails if tests notice less than ${LEAST_SCORE} % of an area's changes. All areas take about ten minutes of
processor time.

AREA         ${Object.keys(areas).join(', ')}; all unless given
--survivors  prints what survived
--only       changes these files of the areas only`;

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    survivors: { type: 'boolean' },
    only: { type: 'string' },
    help: { type: 'boolean' },
  },
});
if (values.help) {
  console.log(USAGE);
  process.exit(0);
}
const unknown = positionals.find((name) => !Object.hasOwn(areas, name));
if (unknown !== undefined) {
  console.error(`There is no area ${unknown}: name some of ${Object.keys(areas).join(', ')}.`);
  process.exit(2);
}

const FOLDER = '.cache/mutation';

/** Stryker's settings for one area; paths are relative to the project. */
const settings = (name) => ({
  mutate: values.only ? [values.only] : areas[name].mutate,
  plugins: ['./scripts/lib/mutation/plugin.mjs'],
  testRunner: 'in-process',
  ignorers: ['sentences'],
  coverageAnalysis: 'perTest',
  concurrency: 1,
  // For what blocks the process; the runner itself ends a loop that takes a hundred times as many turns, or a test that waits.
  timeoutMS: 20_000,
  timeoutFactor: 3,
  disableTypeChecks: false,
  ignorePatterns: ['/.cache', '/dist', '/coverage', '/reports', '/web'],
  tempDirName: `${FOLDER}/sandbox`,
  reporters: ['json', 'html', 'progress-append-only'],
  jsonReporter: { fileName: `${FOLDER}/${name}.json` },
  htmlReporter: { fileName: `${FOLDER}/${name}.html` },
});

process.chdir(root);
// Properties try fewer values: what only they notice is to be noticed by the tests of the file.
process.env.VMEMD_TEST_EFFORT = '0.1';
const tallies = {};
for (const name of positionals.length === 0 ? Object.keys(areas) : positionals) {
  console.log(`\n== ${name}`);
  process.env.VMEMD_MUTATION_TESTS = JSON.stringify(areas[name].tests);
  await new Stryker(settings(name)).runMutationTest();
  const report = JSON.parse(readFileSync(join(FOLDER, `${name}.json`), 'utf8'));
  tallies[name] = tally(report);
  if (values.survivors) console.log(listSurvivors(report));
}
console.log(`\n${table(tallies)}`);
const low = Object.keys(tallies).filter((name) => tallies[name].score < LEAST_SCORE);
if (low.length > 0) {
  console.error(
    `Below ${LEAST_SCORE} %: ${low.join(', ')}. --survivors shows what no test notices.`,
  );
  process.exitCode = 1;
}
