import { availableParallelism } from 'node:os';
import { mutualFolders } from './lib/mutualFolders.mjs';
import { capture, elapsed, root } from './lib/run.mjs';

/** dependency-cruiser passes on a tree that it cannot read; raise this as the tree grows. */
const MODULES_AT_LEAST = 340;

async function program(command, ...args) {
  const { code, stdout, stderr } = await capture(command, args);
  return { passed: code === 0, output: stdout + stderr };
}

async function layers() {
  const { stdout, stderr } = await capture('depcruise', [
    'src',
    'schema',
    'web',
    '--output-type',
    'json',
  ]);
  if (!stdout.startsWith('{')) return { passed: false, output: stdout + stderr };
  const { modules, summary } = JSON.parse(stdout);
  const own = modules.filter(({ source }) => /^(src|schema|web)\//.test(source));
  const problems = summary.violations.map(({ rule, from, to }) => `${from} → ${to}: ${rule.name}`);
  for (const { from, to, imports } of mutualFolders(own)) {
    problems.push(`${from} and ${to} import each other:\n  ${imports.join('\n  ')}`);
  }
  if (own.length < MODULES_AT_LEAST) {
    problems.push(
      `only ${own.length} modules were seen, at least ${MODULES_AT_LEAST} are expected`,
    );
  }
  return {
    passed: problems.length === 0,
    output: problems.join('\n'),
    note: `${own.length} modules`,
  };
}

/**
 * Checks only files that have changed. Lint rules that read types may then miss what a change breaks in another file:
 * on a fresh clone, as in CI, they see all.
 */
const cache = (tool) => [
  '--cache',
  '--cache-strategy',
  'content',
  '--cache-location',
  `.cache/${tool}`,
];

const checks = {
  lint: () => program('eslint', '--max-warnings', '0', ...cache('eslint.json'), '.'),
  types: () => program('tsc'),
  'types of the page': () => program('tsc', '-p', 'web'),
  format: () =>
    program('prettier', '--check', '--log-level', 'warn', ...cache('prettier.json'), '.'),
  layers,
  'unused code': () => program('knip', '--no-progress'),
  'generated files': () => program('tsx', 'scripts/generate.ts', '--check'),
};

const waiting = Object.entries(checks);
const failed = [];

async function work() {
  for (let next = waiting.shift(); next; next = waiting.shift()) {
    const [name, check] = next;
    const start = performance.now();
    const { passed, output, note } = await check();
    const detail = note ? `, ${note}` : '';
    console.log(`${passed ? 'ok    ' : 'FAILED'} ${name} (${elapsed(start)}${detail})`);
    if (!passed) failed.push({ name, output });
  }
}

await Promise.all(Array.from({ length: Math.min(availableParallelism(), 3) }, work));
for (const { name, output } of failed) console.error(`\n${name}:\n${output.trimEnd()}`);
if (failed.length > 0) {
  console.error(`\nFailed in ${root}: ${failed.map(({ name }) => name).join(', ')}`);
  process.exitCode = 1;
}
