import { benchHotplug } from './hotplug.ts';
import { benchLibvirt } from './libvirt.ts';
import { benchMemory } from './memory.ts';
import { benchPage } from './page.ts';
import { benchPolicy } from './policy.ts';
import { table, verdicts, type Bar, type Bench } from './report.ts';
import { benchRpc } from './rpc.ts';
import type { Row } from './row.ts';
import { benchSampling } from './sampling.ts';
import { benchStomp } from './stomp.ts';
import { benchVmemctl } from './vmemctl.ts';
import { benchXml } from './xml.ts';

const benches: Readonly<Record<string, Bench>> = {
  rpc: benchRpc,
  stomp: benchStomp,
  libvirt: benchLibvirt,
  memory: benchMemory,
  sampling: benchSampling,
  hotplug: benchHotplug,
  policy: benchPolicy,
  page: benchPage,
  vmemctl: benchVmemctl,
  xml: benchXml,
};

const bars: readonly Bar[] = [
  ...['Host.ping2', 'VM.getBalloonInfo'].flatMap((method) =>
    [1, 8, 64].map((flying) => ({
      row: `${method}, ${String(flying)} in flight, beside echo`,
      atLeast: 0.5,
    })),
  ),
  // Shares of a bare responder's rate, and 2.2, 4 and 3 times the rate of VDSM's own stack on two cores.
  { row: 'STOMP 1×1, beside bare', atLeast: 0.8 },
  { row: 'STOMP 1×8, beside bare', atLeast: 0.5 },
  { row: 'STOMP 4×8, beside bare', atLeast: 0.6 },
  { row: 'STOMP 1×1', atLeast: 2.2 * 4200 },
  { row: 'STOMP 1×8', atLeast: 4 * 8700 },
  { row: 'STOMP 4×8', atLeast: 3 * 12_200 },
  { row: 'beside python3-libvirt: getInfo, 1 in flight', atMost: 1.1 },
  { row: 'sampling 100 VMs each second', atMost: 5 },
  { row: 'sampling 1000 VMs, cost of each beside 500', atMost: 1.3 },
  { row: 'plug → answer, our share', atMost: 10 },
  { row: 'unplug → event, our share', atMost: 10 },
  { row: 'decide() for 1000 guests, adaptive', atMost: 5 },
  { row: 'page, compressed', atMost: 120 },
  { row: 'first paint', atMost: 1000 },
  { row: 'target of another client → shown', atMost: 2000 },
  { row: '1000 VMs, at rest, work of a frame, p99', atMost: 16 },
  { row: '1000 VMs, scrolling, work of a frame, p99', atMost: 16 },
  { row: 'vmemctl list', atMost: 150 },
  { row: 'beside libxml2: XML read and written', atMost: 10 },
  // The size is 4 times; garbage collection counts.
  { row: 'XML of 4 times the size', atMost: 6 },
];

const args = process.argv.slice(2);
const chosen = args.filter((arg) => !['--quick', '--no-skips'].includes(arg));
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
    // With --no-skips a benchmark that cannot run counts as failed.
    if (args.includes('--no-skips')) process.exitCode = 1;
  }
}
console.log(
  quick ?
    'These runs are too short to judge the figures: npm run bench does.'
  : verdicts(rows, bars).join('\n'),
);
