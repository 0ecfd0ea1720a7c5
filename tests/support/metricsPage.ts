import type { PressureReader } from '../../src/host/pressure/pressureReader.ts';
import { createCounters, type Counters } from '../../src/telemetry/counters.ts';
import { metrics } from '../../src/telemetry/metrics.ts';
import { KiB, Milliseconds } from '../../src/common/units.ts';
import type { Operation } from '../../src/memory/operation.ts';
import type { Action, ChangeState, MemoryChange } from '../../src/memory/wireState.ts';
import type { VmEvent } from '../../src/vm/vmEvent.ts';
import { silent } from './call.ts';
import { World } from './world.ts';

/** Returns the event of a memory device change in this state. */
export const endedChange = (action: Action, state: ChangeState): VmEvent => ({
  kind: 'memory-job',
  operation: {} as Operation,
  change: { action, state } as MemoryChange,
});

/** A series of a page with its value. */
export interface Line {
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number;
}

interface PageChanges {
  readonly counters?: Counters;
  readonly pressure?: Pick<PressureReader, 'read'>;
}

/** Returns the metrics page of this world. */
export const pageOf = async (
  world: World,
  { counters = createCounters(), pressure = world.pressure }: PageChanges = {},
): Promise<string> => {
  const page = await metrics({
    vms: world.vms,
    hypervisor: world.host,
    host: world.services.host,
    pressure,
    policy: world.policy,
    reservations: world.reservations,
    mom: world.mom,
    counters,
    log: silent,
    version: '1.2.3',
    certificateExpiry: new Date('2027-01-01T00:00:00Z'),
    droppedLines: 0,
  });
  return page.toString();
};

/** Parses the series of a page; throws on an invalid line or a repeated series. */
export function seriesIn(page: string): readonly Line[] {
  const lines = page.split('\n').filter((line) => line !== '' && !line.startsWith('#'));
  const names = lines.map((line) => line.slice(0, line.lastIndexOf(' ')));
  const twice = names.find((name, i) => names.indexOf(name) !== i);
  if (twice !== undefined) throw new Error(`${twice} is there twice`);
  return lines.map(read);
}

function read(line: string): Line {
  const [, name, labels = '', value = ''] = /^([a-z_]+)(?:\{(.*)\})? (\S+)$/s.exec(line) ?? [];
  if (name === undefined || Number.isNaN(Number(value))) throw new Error(`cannot be read: ${line}`);
  const pairs = [...labels.matchAll(/(\w+)="((?:[^"\\]|\\.)*)"(?:,|$)/gs)];
  return {
    name,
    labels: Object.fromEntries(pairs.map(([, label = '', text = '']) => [label, text])),
    value: Number(value),
  };
}

/** Returns the names of declared metrics, those of histograms with their suffixes. */
export const declaredIn = (page: string): ReadonlySet<string> =>
  new Set(
    [...page.matchAll(/^# TYPE (\w+) (\w+)$/gm)].flatMap(([, name = '', type]) =>
      type === 'histogram' ? [`${name}_bucket`, `${name}_sum`, `${name}_count`] : [name],
    ),
  );

/** Opens a world with VMs whose statistics are in every state, and counters that are not zero. */
export async function busyWorld(): Promise<{ readonly world: World; readonly counters: Counters }> {
  const world = await World.open();
  const counters = createCounters();
  const ballooned = await world.boot(1, { vmName: 'ballooned' });
  await world.boot(2, { vmName: 'no "driver"\\', kernelArgs: 'vmemd.sim=no-driver' });
  await world.boot(3, {
    vmName: 'no-device',
    devices: [{ type: 'balloon', device: 'memballoon', model: 'none' }],
  });
  const paused = await world.boot(4, { vmName: 'paused' });
  const silent = await world.boot(5, { vmName: 'stale' });
  const swapping = await world.boot(6, { vmName: 'swapping' });
  const down = await world.boot(7, { vmName: 'down' });
  await world.call('VM.setBalloonTarget', { vmID: ballooned, target: 768 * 1024 });
  await world.call('VM.pause', { vmID: paused });
  world.host.guest(silent).setBehaviour({ statistics: false });
  world.host.guest(swapping).setWorkingSet(KiB(1200 * 1024));
  world.host.guest(down).crash();
  await world.plug(ballooned, 256);
  for (let round = 0; round < 8; round += 1) {
    await world.seconds(5);
    await world.vms.sample();
  }
  await world.mom.setParameters({ balloonEnabled: true, ksmEnabled: false });
  counters.rpc('VM.create', 0, Milliseconds(2));
  counters.rpc('VM.hotunplugMemory', 85, Milliseconds(1200));
  counters.rpc('unknown', -32601, Milliseconds(0));
  counters.libvirtCall('domainMemoryStats', Milliseconds(0.4));
  counters.eventLoopLag(Milliseconds(12));
  counters.hostEvent({ kind: 'reconnected' });
  counters.vmEvent({ kind: 'device-added', alias: 'dimm0' });
  counters.vmEvent({ kind: 'device-removal-failed', alias: 'dimm0' });
  counters.vmEvent(endedChange('plug', 'online'));
  counters.vmEvent(endedChange('unplug', 'refused'));
  return { world, counters };
}
