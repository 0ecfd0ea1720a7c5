import { parseArgs } from 'node:util';
import { keep } from './corpus.ts';
import { Random } from './random.ts';
import { targets } from './targets.ts';
import type { Target } from './target.ts';
import { type Outcome, tryTarget } from './trial.ts';

const { values } = parseArgs({
  options: {
    inputs: { type: 'string', default: '50000' },
    seed: { type: 'string', default: '1' },
    target: { type: 'string' },
    replay: { type: 'string' },
    unreached: { type: 'boolean', default: false },
  },
});
/** From so many inputs on, the run is the long form. */
const LONG = 500_000;
const [count, seed] = [Number(values.inputs), Number(values.seed)];
const { replay } = values;
const chosen = targets.filter(({ name }) => values.target === undefined || name === values.target);
let failed = 0;
let tried = 0;
const weights = chosen.reduce((sum, { weight }) => sum + weight, 0);
const command = 'npm run test:hostile --';

const few = chosen.filter((target) => target.all);
const others = chosen.filter((target) => !target.all);
// those wait most of the time
await Promise.all([few, others].map(tryEach));

async function tryEach(some: readonly Target<unknown>[]): Promise<void> {
  for (const target of some) await tryOne(target);
}

async function tryOne({ name, weight, make, all }: Target<unknown>): Promise<void> {
  const inputs = all ? all.length : Math.ceil((count * weight) / weights);
  const task = {
    target: name,
    seed,
    inputs: replay === undefined ? inputs : 1,
    isLong: count >= LONG,
    replay,
    unreached: values.unreached,
  };
  const outcome = await tryTarget(task, ({ seed: at, input, found }) => {
    const file = replay ?? keep(name, at, { found, input: input ?? make(new Random(at)) });
    console.log(`${name}, seed ${String(at)}: ${found}`);
    console.log(`  ${command} --target ${name} --replay ${file}`);
  });
  tell(name, outcome);
}
console.log(
  `${String(tried)} inputs of seed ${values.seed}; to repeat them: ${command} --inputs ${values.inputs} --seed ${values.seed}`,
);
process.exitCode = failed > 0 ? 1 : 0;

function tell(name: string, outcome: Outcome): void {
  const isGood = outcome.wrong.length === 0;
  const figures = [`${outcome.seconds.toFixed(1)} s`, ...outcome.figures].join(', ');
  console.log(
    `${isGood ? 'ok    ' : 'FAILED'} ${name.padEnd(16)} ${String(outcome.tried).padStart(8)} inputs, ${figures}`,
  );
  for (const one of outcome.wrong) console.log(`       ${one}`);
  tried += outcome.tried;
  if (!isGood) failed++;
}
