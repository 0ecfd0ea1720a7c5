import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { parseDomain } from '../../../src/domain-xml/parse.ts';
import type { Domain } from '../../../src/domain-xml/types.ts';
import type { SimulatedHost } from '../../../src/host/simulated/simulatedHost.ts';
import {
  type BalloonSample,
  type HostEvent,
  HypervisorError,
} from '../../../src/host/hypervisor.ts';
import { KiB } from '../../../src/common/units.ts';
import { dimmXml, domainXml, GIB, MIB, openHost, uuidOf, virtioMemXml } from './support.ts';
import { assertProperty } from '../../support/property.ts';

type Step = (host: SimulatedHost, uuid: string) => Promise<unknown>;

const step: fc.Arbitrary<Step> = fc.oneof(
  fc.integer({ min: 0, max: 5 * GIB }).map(
    (target): Step =>
      (host, uuid) =>
        host.setBalloon(uuid, KiB(target)),
  ),
  fc.integer({ min: 1, max: 8 }).map(
    (n): Step =>
      (host, uuid) =>
        host.attachDevice(uuid, dimmXml(n * 128 * MIB)),
  ),
  fc.integer({ min: 0, max: 5 }).map(
    (n): Step =>
      (host, uuid) =>
        host.detachDevice(uuid, `dimm${String(n)}`),
  ),
  fc.constant<Step>((host, uuid) => host.attachDevice(uuid, virtioMemXml({ size: 512 * MIB }))),
  fc.tuple(fc.nat(2), fc.nat(300)).map(
    ([n, blocks]): Step =>
      (host, uuid) =>
        host.requestDeviceMemory(uuid, `virtiomem${String(n)}`, KiB(blocks * 2 * MIB)),
  ),
  fc.constantFrom('gives-back' as const, 'ignores' as const).map((unplug): Step => (host, uuid) => {
    host.guest(uuid).setBehaviour({ unplug });
    return Promise.resolve();
  }),
  fc.integer({ min: 0, max: 3 * GIB }).map((size): Step => (host, uuid) => {
    host.guest(uuid).setWorkingSet(KiB(size));
    return Promise.resolve();
  }),
  fc.constantFrom<Step[]>(
    (host, uuid) => host.suspendDomain(uuid),
    (host, uuid) => host.resumeDomain(uuid),
    (host, uuid) => host.resetDomain(uuid),
  ),
);
const story = fc.array(fc.tuple(step, fc.integer({ min: 0, max: 8 })), { maxLength: 15 });
const words = fc.constantFrom('', 'refuses-unplug', 'ignores-unplug', 'no-online', 'no-swap,busy');

/** The size of a virtio-mem device in use according to the events alone. */
const sizeByEvents = (events: readonly HostEvent[], name: string): number =>
  events.reduce(
    (size, event) =>
      event.kind === 'memory-device-size-change' && event.alias === name ? event.size : size,
    0,
  );

const virtioMemOf = ({ memoryDevices }: Domain) =>
  memoryDevices.flatMap(({ alias = '', size, virtioMem }) =>
    virtioMem ? [{ alias, size, ...virtioMem }] : [],
  );

function checkSums(
  { current = KiB(NaN), maximum = KiB(NaN) }: BalloonSample,
  domain: Domain,
): void {
  const virtioMem = virtioMemOf(domain);
  const whole = virtioMem.reduce((sum, { size }) => sum + size, 0);
  const inUse = virtioMem.reduce((sum, device) => sum + device.current, 0);
  const plugged = domain.memoryDevices.reduce((sum, { size }) => sum + size, 0);
  expect([maximum + whole, current + inUse]).toEqual([domain.memory, domain.currentMemory]);
  expect(domain.memory).toBe(GIB + plugged);
  expect(current).toBeGreaterThanOrEqual(0);
  expect(current).toBeLessThanOrEqual(maximum);
}

function checkEvents(events: readonly HostEvent[], domain: Domain): void {
  for (const { alias, size, block, requested, current } of virtioMemOf(domain)) {
    expect([current % block, requested % block, sizeByEvents(events, alias)]).toEqual([
      0,
      0,
      current,
    ]);
    expect(Math.min(current, requested)).toBeGreaterThanOrEqual(0);
    expect(Math.max(current, requested)).toBeLessThanOrEqual(size);
  }
}

/** Runs the steps on one of two domains and records everything observable of both. */
async function play(seed: number, cmdline: string, steps: [Step, number][]) {
  const { host, events, seconds } = await openHost({ seed });
  for (const n of [1, 2]) {
    const xml = domainXml({ n, cmdline: cmdline && `vmemd.sim=${cmdline}` });
    await host.createDomain(xml, { paused: false });
  }
  const seen: unknown[] = [];
  const refusals: unknown[] = [];
  for (const [act, pause] of steps) {
    act(host, uuidOf(1)).catch((error: unknown) => refusals.push(error));
    await seconds(pause);
    const samples = await host.sampleAll();
    const xml = await host.domainXml(uuidOf(1));
    seen.push([...samples], xml, await host.hostMemory());
    const sample = samples.get(uuidOf(1));
    if (!sample) throw new Error('there is no sample');
    checkSums(sample, parseDomain(xml));
    // A guest that is reset while it is paused emits its events when it is resumed.
    if (sample.state === 'running') checkEvents(events, parseDomain(xml));
  }
  await seconds(0);
  return { host, events, refusals, seen };
}

test('after any sequence of calls the sums match the XML and no device is lost', async () => {
  await assertProperty(
    fc.asyncProperty(words, story, async (cmdline, steps) => {
      const { host, events, refusals } = await play(1, cmdline, steps);
      const count = (kind: string) => events.filter((event) => event.kind === kind).length;
      const { memoryDevices } = parseDomain(await host.domainXml(uuidOf(1)));
      expect(memoryDevices).toHaveLength(count('device-added') - count('device-removed'));
      expect(refusals.every((error) => error instanceof HypervisorError)).toBe(true);
    }),
    { seconds: 3 },
  );
});

test('the same seed gives the same events', async () => {
  await assertProperty(
    fc.asyncProperty(fc.nat(), words, story, async (seed, cmdline, steps) => {
      const [one, other] = [await play(seed, cmdline, steps), await play(seed, cmdline, steps)];
      expect(other.events).toEqual(one.events);
      expect(other.seen).toEqual(one.seen);
    }),
    { seconds: 3 },
  );
});

test('calls on one domain do not affect another', async () => {
  await assertProperty(
    fc.asyncProperty(story, async (steps) => {
      const quiet = steps.map(([, pause]): [Step, number] => [() => Promise.resolve(), pause]);
      const [busy, still] = [await play(1, '', steps), await play(1, '', quiet)];
      const neighbour = async ({ host }: typeof busy) => (await host.sampleAll()).get(uuidOf(2));
      expect(await neighbour(busy)).toEqual(await neighbour(still));
    }),
    { seconds: 3 },
  );
});

test('a thousand idle domains are sampled, each with its own figures, without timers', async () => {
  const { host, clock, seconds } = await openHost();
  for (let n = 1; n <= 1000; n++) await host.createDomain(domainXml({ n }), { paused: false });
  await seconds(4);
  let timers = 0;
  clock.after = () => {
    timers++;
    return () => undefined;
  };
  await seconds(3600);
  const samples = await host.sampleAll();
  expect(samples.size).toBe(1000);
  expect(timers).toBe(0);
  expect(new Set([...samples.values()].map(({ unused }) => unused)).size).toBeGreaterThan(900);
});
