import { readFileSync } from 'node:fs';
import type { RecordedDecisions } from './recorded.ts';
import { replay } from './replay.ts';

// Decides recorded rounds of MoM again: npm run policy:replay -- [--algorithm mom|adaptive] FILE
const args = process.argv.slice(2);
const option = args.indexOf('--algorithm');
const algorithm = option < 0 ? 'mom' : args.splice(option, 2)[1];
const [file] = args;
if (file === undefined || (algorithm !== 'mom' && algorithm !== 'adaptive')) {
  console.error('usage: npm run policy:replay -- [--algorithm mom|adaptive] FILE');
  process.exit(2);
}
const recorded = JSON.parse(readFileSync(file, 'utf8')) as RecordedDecisions;
const { same, total, differences, notes } = replay(recorded, algorithm);
for (const line of [...notes, ...differences]) console.log(line);
console.log(`${String(same)} of ${String(total)} decisions as MoM's`);
if (algorithm === 'mom' && same < total) process.exitCode = 1;
