import { eventually } from '../../../live/guest.ts';
import { readHostDomain } from '../../../support/hostDomain.ts';
import { broken, type Expected, type Seen, seenOf } from '../../../simulation/judgement.ts';
import { between, type Blow, type Kind, type Stage } from './blow.ts';

const MIB = 1024;
const BLOCK = 128;
/** Of devices at a time. */
const MOST_DEVICES = 4;
/** Boot memory, in MiB. */
const BOOT = 512;
/** Bounds of guarantees, in MiB: a guest can live on the one, and always has the other. */
const [LEAST, MOST] = [200, 450];
/** By how much the guest's own total, in MiB, may differ from the first: its kernel keeps some of a device. */
const TOLERANCE = 16;

/** The guest's own total when it had its boot memory only, in MiB. */
const totals = new WeakMap<Stage, number>();

export async function remember(stage: Stage): Promise<void> {
  const total = await eventually(() => stage.guest.consoleMemTotal(), Number.isFinite);
  totals.set(stage, total / MIB);
}

/** What clients, libvirt and the next run's definition say of the guest. */
export async function seenLive({ host, guest }: Stage): Promise<Seen> {
  const now = await host.libvirtd.virsh('dumpxml', guest.id);
  const next = await host.libvirtd.virsh('dumpxml', '--inactive', guest.id);
  return seenOf({
    call: (method, params) => guest.call(method, params),
    now: readHostDomain(now),
    next: readHostDomain(next),
    target: Number(/<currentMemory[^>]*>(\d+)</.exec(now)?.[1]),
  });
}

/** As {@link seenLive}, once the balloon rests: that of a guest which was reset is filled anew. */
async function resting(stage: Stage): Promise<Seen> {
  const { host, guest } = stage;
  await eventually(
    async () => {
      const { balloon_target, balloon_cur } = await guest.balloon();
      const xml = await host.libvirtd.virsh('dumpxml', guest.id);
      const given = /<currentMemory[^>]*>(\d+)</.exec(xml)?.[1];
      return [balloon_target, balloon_cur, given].map(Number);
    },
    (sizes) => new Set(sizes).size === 1,
  );
  return seenLive(stage);
}

/** Returns by how much the guest's own total, which its balloon leaves as it is, misses what the host has plugged. */
async function guestMisses(stage: Stage, { now }: Seen): Promise<string[]> {
  const total = (await stage.guest.consoleMemTotal()) / MIB;
  const expected = (totals.get(stage) ?? NaN) + now.memory - BOOT;
  if (Math.abs(total - expected) < TOLERANCE) return [];
  return [`the guest has ${total.toFixed(1)} MiB instead of ${expected.toFixed(1)}`];
}

/** A request that changes memory: `expected` is its result in full. */
const changing = (
  stage: Stage,
  before: Seen,
  params: object,
  { verb, ...expected }: Expected,
): Blow => ({
  send: () => stage.guest.call(`VM.${verb}`, params),
  judge: async (answer) => {
    const after = await seenLive(stage);
    const wrong = broken({ verb, ...expected }, { before, after, answer, isKill: true });
    return [...wrong, ...(await guestMisses(stage, after))];
  },
});

/** Gives the guest all memory that its balloon has, without which it may keep devices. */
async function deflated(stage: Stage): Promise<Seen> {
  const { guest } = stage;
  const { balloon_max } = await guest.balloon();
  await guest.setTarget(Number(balloon_max));
  await guest.balloonReaches(Number(balloon_max));
  return resting(stage);
}

async function withDevice(stage: Stage): Promise<Seen> {
  if ((await stage.guest.devices()).length === 0) {
    await stage.guest.call('VM.setMemory', { memory: BOOT + BLOCK, wait: true });
  }
  return deflated(stage);
}

async function withRoom(stage: Stage): Promise<Seen> {
  if ((await stage.guest.devices()).length < MOST_DEVICES) return resting(stage);
  await deflated(stage);
  await stage.guest.call('VM.setMemory', { memory: BOOT, wait: true });
  return resting(stage);
}

/** As `before`, with a next run of the same sizes: VM.setMemory does not change a next run of other sizes. */
async function aligned(stage: Stage, { now }: Seen): Promise<Seen> {
  const { memory, guaranteed = 0 } = now;
  await stage.guest.call('VM.setNextRun', { memory, guaranteed });
  return resting(stage);
}

const device = (stage: Stage, memory: object): object => ({
  params: { vmId: stage.guest.id, memory: { type: 'memory', device: 'memory', ...memory } },
});

/** Each sets something else than there is. */
export const MEMORY_VERBS: Readonly<Record<string, Kind>> = {
  'VM.setBalloonTarget': async (stage) => {
    const before = await resting(stage);
    const { guaranteed = LEAST, memory } = before.now;
    const target = between(stage, guaranteed / 4, memory / 4) * 4;
    const expected = { verb: 'setBalloonTarget', target: Math.max(target, guaranteed) };
    return changing(stage, before, { target: target * MIB }, expected);
  },
  'VM.setGuaranteedMemory': async (stage) => {
    const before = await resting(stage);
    const guaranteed = between(stage, LEAST, MOST);
    const target = Math.max(before.now.target, guaranteed);
    const expected = { verb: 'setGuaranteedMemory', guaranteed, target };
    return changing(stage, before, { guaranteed }, expected);
  },
  'VM.setMemoryStatsPeriod': async (stage) => {
    const before = await resting(stage);
    const period = 1 + (Number(before.now.period) % 3);
    return changing(stage, before, { period }, { verb: 'setMemoryStatsPeriod', period });
  },
  'VM.hotplugMemory': async (stage) => {
    const before = await withRoom(stage);
    const { memory, target } = before.now;
    const expected = { memory: memory + BLOCK, target: target + BLOCK, plugs: 1 };
    const params = device(stage, { size: BLOCK, node: 0 });
    return changing(stage, before, params, { verb: 'hotplugMemory', ...expected });
  },
  'VM.hotunplugMemory': async (stage) => {
    const before = await withDevice(stage);
    const { memory, target } = before.now;
    const [size = BLOCK] = (await stage.guest.memoryDevices()).map(({ size_mib }) => size_mib);
    const params = device(stage, { alias: before.aliases[0] });
    const expected = { memory: memory - size, target: target - size };
    return changing(stage, before, params, { verb: 'hotunplugMemory', ...expected });
  },
  'VM.setMemory that grows': async (stage) => {
    const before = await aligned(stage, await withRoom(stage));
    const memory = before.now.memory + BLOCK * between(stage, 1, 2);
    const guaranteed = between(stage, LEAST, MOST);
    const target = Math.max(before.now.target + memory - before.now.memory, guaranteed);
    const params = { memory, guaranteed, wait: stage.random() < 0.5 };
    const expected = { memory, guaranteed, target, nextRun: memory, plugs: 2 };
    return changing(stage, before, params, { verb: 'setMemory', ...expected });
  },
  'VM.setMemory that shrinks': async (stage) => {
    const before = await aligned(stage, await withDevice(stage));
    const params = { memory: BOOT, wait: stage.random() < 0.5 };
    const expected = { memory: BOOT, target: BOOT, nextRun: BOOT };
    return changing(stage, before, params, { verb: 'setMemory', ...expected });
  },
  'VM.setNextRun': async (stage) => {
    const before = await resting(stage);
    const nextRun = before.next.memory === BOOT ? BOOT + BLOCK : BOOT;
    return changing(stage, before, { memory: nextRun }, { verb: 'setNextRun', nextRun });
  },
};
