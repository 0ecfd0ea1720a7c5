import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { show } from './run.mjs';

/**
 * Runs jest with this configuration, by one of run.mjs's ways to run a program; answers how many tests ended how, and
 * what the skipped suites lacked.
 */
export async function jest(name, { config, args = [], env = {}, run = show }) {
  const folder = mkdtempSync(join(tmpdir(), 'vmemd-jest-'));
  const result = join(folder, 'result.json');
  const skipped = join(folder, 'skipped');
  try {
    const status = await run(
      'jest',
      ['--config', config, '--json', '--outputFile', result, ...args],
      {
        VMEMD_TEST_SKIPPED_FILE: skipped,
        ...env,
      },
    );
    return { name, ok: status === 0, reasons: lines(skipped), ...tally(result) };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** The numbers of all runs together. */
export const total = (runs) => {
  const sum = (key) => runs.reduce((all, run) => all + run[key], 0);
  return { passed: sum('passed'), failed: sum('failed'), skipped: sum('skipped') };
};

const lines = (file) =>
  existsSync(file) ? readFileSync(file, 'utf8').split('\n').filter(Boolean) : [];

function tally(file) {
  // a jest that could not begin leaves no result
  if (!existsSync(file)) return { passed: 0, failed: 1, skipped: 0 };
  const result = JSON.parse(readFileSync(file, 'utf8'));
  return {
    passed: result.numPassedTests,
    failed: result.numFailedTests + result.numRuntimeErrorTestSuites,
    skipped: result.numPendingTests + result.numTodoTests,
  };
}
