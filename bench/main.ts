import { benchLibvirt } from './libvirt.ts';
import { benchMemory } from './memory.ts';
import { table, verdicts, type Bar, type Bench } from './report.ts';
import { benchRpc } from './rpc.ts';
import type { Row } from './row.ts';

const benches: Readonly<Record<string, Bench>> = {
  rpc: benchRpc,
  libvirt: benchLibvirt,
  memory: benchMemory,
};

const bars: readonly Bar[] = [
  ...['Host.ping2', 'VM.getBalloonInfo'].flatMap((method) =>
    [1, 8, 64].map((flying) => ({
      row: `${method}, ${String(flying)} in flight, beside echo`,
      atLeast: 0.5,
    })),
  ),
  { row: 'beside python3-libvirt: getInfo, 1 in flight', atMost: 1.1 },
];

const args = process.argv.slice(2);
const chosen = args.filter((arg) => arg !== '--quick');
const unknown = chosen.filter((name) => !Object.hasOwn(benches, name));
if (unknown.length > 0) {
  console.error(
    `There is no benchmark ${unknown.join(', ')}; there are ${Object.keys(benches).join(', ')}.`,
  );
  process.exit(2);
}

const quick = args.includes('--quick');
const rows: Row[] = [];
for (const [name, bench] of Object.entries(benches)) {
  if (chosen.length > 0 && !chosen.includes(name)) continue;
  try {
    const found = await bench({ quick });
    console.log(`${name}\n${table(found)}`);
    rows.push(...found);
  } catch (error) {
    console.log(`${name}: not run: ${(error as Error).message}\n`);
  }
}
console.log(verdicts(rows, bars).join('\n'));
