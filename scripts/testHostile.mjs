import './lib/node.mjs';
import { parseArgs } from 'node:util';
import { build, install } from './lib/setup.mjs';
import { show } from './lib/run.mjs';

const USAGE = `Usage: npm run test:hostile -- [--inputs N] [--seed N] [--target NAME]
       npm run test:hostile -- --target NAME --replay FILE

Hostile input, made by the grammars of what vmemd reads and chosen by seeds: STOMP, JSON-RPC, WebSocket, HTTP and TLS
against the built program on its simulated host; the same, XDR, domain XML, configuration and stored metadata against
their readers. It fails if vmemd ends, hangs, does not respond, reports an error of its own, grows, or keeps other
clients waiting.

--inputs  how many, over all targets (50000, within a minute); from 500000 on with the full numbers of connections
--seed    the first seed (1); an input has the seed of the one before it and 1
--target  only this one
--replay  the file of a finding; each finding is kept below tests/hostile/corpus, and the tests try it again`;

const options = {
  inputs: { type: 'string', default: '50000' },
  seed: { type: 'string', default: '1' },
  target: { type: 'string' },
  replay: { type: 'string' },
  help: { type: 'boolean' },
};
const { values } = parseArgs({ options });
if (values.help) {
  console.log(USAGE);
  process.exit(0);
}
for (const name of ['inputs', 'seed']) {
  if (/^-?\d{1,12}$/.test(values[name])) continue;
  console.error(`--${name} takes a whole number, not ${JSON.stringify(values[name])}.`);
  process.exit(2);
}
await install();
await build();
const args = ['inputs', 'seed', 'target', 'replay'].flatMap((name) =>
  values[name] === undefined ? [] : [`--${name}`, values[name]],
);
process.exitCode = await show('tsx', ['tests/hostile/main.ts', ...args]);
