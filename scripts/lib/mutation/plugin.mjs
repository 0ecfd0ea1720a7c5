import { readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { PluginKind, declareClassPlugin, declareValuePlugin } from '@stryker-mutator/api/plugin';
import {
  DryRunStatus,
  TestStatus,
  determineHitLimitReached,
} from '@stryker-mutator/api/test-runner';
import { installHooks, require, unload } from './modules.mjs';
import { isSentence } from './sentence.mjs';
import { Session, collect } from './testApi.mjs';

/** A test takes at most so many times as long as in the first run, or so long; in milliseconds. */
const SLOWER = 50;
const LEAST_LIMIT = 20_000;
/** A test that takes longer is not run twice; in milliseconds. */
const SLOW = 200;

const testFiles = (path) =>
  statSync(path).isDirectory() ?
    readdirSync(path, { recursive: true })
      .filter((name) => name.endsWith('.test.ts'))
      .map((name) => join(path, name))
  : [path];

/**
 * Runs the tests of an area in one process that stays: the mutant is switched on, the tests that reach it run, and it is
 * switched off again. jest would load its modules for each mutant, which takes hundreds of times as long.
 */
class InProcess {
  #state = (globalThis.__stryker__ ??= {});
  #tests = [];
  #isClean = false;
  #took = new Map();
  #stray;

  capabilities() {
    return { reloadEnvironment: true };
  }

  init() {
    process.env.NODE_ENV = 'test';
    installHooks();
    for (const event of ['unhandledRejection', 'uncaughtException']) {
      process.on(event, (error) => (this.#stray ??= error));
    }
  }

  async dryRun({ coverageAnalysis }) {
    this.#load();
    const tests = [];
    const session = new Session();
    for (const test of this.#tests) {
      if (coverageAnalysis === 'perTest') this.#state.currentTestId = test.id;
      const error = await this.#try(session, test);
      const status = error ? TestStatus.Failed : TestStatus.Success;
      const timeSpentMs = this.#took.get(test.id);
      const { id, name, file: fileName } = test;
      tests.push({ id, name, fileName, timeSpentMs, status, failureMessage: error?.message });
    }
    this.#state.currentTestId = undefined;
    await session.end();
    const { mutantCoverage } = this.#state;
    return { status: DryRunStatus.Complete, tests, mutantCoverage };
  }

  async mutantRun(options) {
    const result = await this.#judge(options);
    if (result.status !== 'killed' || options.mutantActivation === 'static') return result;
    // What an earlier mutant left in a module must not be counted for this one; quick tests show that as well as slow ones.
    const [killer] = result.killedBy;
    if (this.#took.get(killer) > SLOW) return result;
    const error = await this.#try(
      new Session(),
      this.#tests.find(({ id }) => id === killer),
    );
    if (!error) return result;
    this.#isClean = false;
    return this.#judge(options);
  }

  async #judge({ activeMutant, mutantActivation, testFilter, hitLimit }) {
    const isStatic = mutantActivation === 'static';
    if (!isStatic && !this.#isClean) this.#load();
    Object.assign(this.#state, { activeMutant: activeMutant.id, hitLimit, hitCount: 0 });
    try {
      if (isStatic) this.#load();
      this.#isClean &&= !isStatic;
      return await this.#run(testFilter);
    } catch (error) {
      // it keeps the files from being loaded
      this.#isClean = false;
      return {
        status: 'killed',
        killedBy: [this.#tests[0]?.id],
        failureMessage: String(error),
        nrOfTests: 0,
      };
    } finally {
      Object.assign(this.#state, { activeMutant: undefined, hitLimit: undefined });
    }
  }

  async #run(testFilter) {
    const wanted = testFilter && new Set(testFilter);
    const tests = this.#tests
      .filter(({ id }) => !wanted || wanted.has(id))
      .sort((one, other) => (this.#took.get(one.id) ?? 0) - (this.#took.get(other.id) ?? 0));
    const session = new Session();
    for (const [index, test] of tests.entries()) {
      const error = await this.#try(session, test);
      const endless = determineHitLimitReached(this.#state.hitCount, this.#state.hitLimit);
      if (endless) {
        this.#isClean = false;
        return { status: 'timeout', reason: endless.reason };
      }
      if (!error) continue;
      return {
        status: 'killed',
        killedBy: [test.id],
        failureMessage: error.message,
        nrOfTests: index + 1,
      };
    }
    await session.end();
    return { status: 'survived', nrOfTests: tests.length };
  }

  /** Returns the error with which the test failed. */
  async #try(session, test) {
    const limit = Math.max(LEAST_LIMIT, SLOWER * (this.#took.get(test.id) ?? 0));
    const start = performance.now();
    this.#stray = undefined;
    try {
      await session.run(test, limit);
      return this.#stray;
    } catch (error) {
      return error instanceof Error ? error : new Error(String(error));
    } finally {
      if (!this.#state.activeMutant) this.#took.set(test.id, performance.now() - start);
    }
  }

  #load() {
    unload();
    const files = JSON.parse(process.env.VMEMD_MUTATION_TESTS).flatMap(testFiles);
    this.#tests = files.flatMap((file) => collect(file, () => require(join(process.cwd(), file))));
    this.#isClean = true;
  }
}

export const strykerPlugins = [
  declareClassPlugin(PluginKind.TestRunner, 'in-process', InProcess),
  declareValuePlugin(PluginKind.Ignore, 'sentences', {
    shouldIgnore: (path) => (isSentence(path.node) ? 'a sentence for people' : undefined),
  }),
];
