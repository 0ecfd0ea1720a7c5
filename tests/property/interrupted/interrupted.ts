import { onHost } from '../../support/onHost.ts';
import { type JobOnWire, openGuest } from '../../support/memoryGuest.ts';
import type { World } from '../../support/world.ts';
import { HypervisorError } from '../../../src/host/hypervisor.ts';
import type { Request } from './requests.ts';

const MIB = 1024;
const TARGET = 900;
/** The longest time of a request if the guest completes every change. */
const REQUEST_S = 20;
/** Rounds of 30 s in which vmemd recovers: longer than any deadline. */
const RECOVERY = 5;

/** An interruption of one call to the hypervisor; a killed vmemd is started again. */
const INTERRUPTIONS = {
  'killed before': (world, call) => {
    world.killAt({ call, when: 'before' });
  },
  'killed once sent': (world, call) => {
    world.killAt({ call, when: 'sent' });
  },
  'killed once done': (world, call) => {
    world.killAt({ call, when: 'done' });
  },
  'reply lost': (world, call) => {
    world.failAt({ call, isDone: true, error: new HypervisorError('unreachable', 'lost') });
  },
  'connection lost': (world, call) => {
    world.failAt({ call, isDone: false, error: new HypervisorError('unreachable', 'lost') });
  },
  refused: (world, call) => {
    world.failAt({ call, isDone: false, error: new HypervisorError('failed', 'not now') });
  },
} satisfies Record<string, (world: World, call: number) => void>;

export type Interruption = keyof typeof INTERRUPTIONS;
export const interruptions = Object.keys(INTERRUPTIONS) as readonly Interruption[];

interface Outcome {
  /** Whether the request makes that call. */
  readonly isReached: boolean;
  /** The call that was interrupted. */
  readonly operation: string;
  readonly complaints: readonly string[];
}

/** Interrupts that call of the request, waits until vmemd has recovered, and returns what is wrong. */
export async function interrupted(
  request: Request,
  interruption: Interruption,
  call: number,
): Promise<Outcome> {
  const { world, vmID, ask } = await prepared(request);
  const before = await seen(world, vmID);
  world.calls.length = 0;
  INTERRUPTIONS[interruption](world, call);
  ask(request.verb, request.params).catch(() => undefined);
  await world.seconds(REQUEST_S);
  const isKill = interruption.startsWith('killed');
  const isReached = isKill ? world.isDead : world.calls.length >= call;
  const operation = world.calls.at(isReached && !isKill ? call - 1 : -1) ?? 'none';
  world.failAt(undefined);
  if (isKill) await world.restart();
  for (let round = 0; round < RECOVERY; round += 1) await world.sampled();
  const after = await seen(world, vmID);
  const complaints = complaintsOn(request, { before, after, isKill });
  await world.restart();
  await world.seconds(1);
  complaints.push(...differences(after, await seen(world, vmID)));
  // A call that fails is logged.
  if (isKill) complaints.push(...errorsOf(world));
  return { isReached, operation, complaints };
}

/** Returns what a restart has changed. */
const differences = (before: Seen, after: Seen): string[] =>
  (Object.keys(before) as (keyof Seen)[])
    .map((name) => [name, text(before[name]), text(after[name])])
    .filter(([, was, is]) => was !== is)
    .map(([name, was, is]) => `a restart changes ${name} from ${was} to ${is}`);

async function prepared({ setup, sizes = [] }: Request) {
  const guest = await openGuest(setup);
  const { world, ask, set } = guest;
  for (const memory of sizes) {
    await Promise.all([set({ memory, wait: true }), world.sampled()]);
  }
  await ask('setBalloonTarget', { target: TARGET * MIB });
  await world.seconds(5);
  return guest;
}

const errorsOf = ({ lines }: World): readonly string[] =>
  lines
    .filter(({ level }) => Number(level) >= 50)
    .map(({ msg, err }) => JSON.stringify({ msg, err }));

type Seen = Awaited<ReturnType<typeof seen>>;

/** What clients see of the VM, and what the host knows of it; sizes in MiB. */
async function seen(world: World, vmID: string) {
  const host = onHost(world, vmID);
  const [now, next] = [await host.now(), await host.nextRun()];
  const balloon = await world.balloon(vmID);
  const aliases = now.devices.map(({ alias }) => alias);
  const jobOf = (params: object): Promise<JobOnWire | undefined> =>
    world.call('VM.getMemoryJob', { vmID, ...params }).then(
      (job) => job as JobOnWire,
      () => undefined,
    );
  return {
    told: {
      guaranteed: Number(balloon['balloon_min']) / MIB,
      target: Number(balloon['balloon_target']) / MIB,
      period: balloon['stats_period_s'],
    },
    now: {
      guaranteed: now.guaranteed,
      memory: now.provided / MIB,
      target: host.balloonTarget() / MIB,
      period: now.statsPeriod,
      chosenPeriod: now.chosenPeriod,
    },
    next: {
      guaranteed: next.guaranteed,
      memory: next.provided / MIB,
      chosenPeriod: next.chosenPeriod,
    },
    aliases,
    newest: await jobOf({}),
    jobs: await Promise.all(aliases.map((alias) => jobOf({ alias }))),
  };
}

interface Case {
  readonly before: Seen;
  readonly after: Seen;
  readonly isKill: boolean;
}

/** Returns what is wrong. */
function complaintsOn(request: Request, { before, after, isKill }: Case): string[] {
  const { told, now, next, newest } = after;
  // If a call has failed, VM.setMemory can take effect in part, and reports that.
  const isWhole = isKill || request.verb !== 'setMemory';
  const plugged = after.aliases.filter((alias) => !before.aliases.includes(alias));
  const checks: Readonly<Record<string, boolean>> = {
    [`told ${text(told)}, but the host has ${text(now)}`]:
      told.target === now.target &&
      told.guaranteed === now.guaranteed &&
      told.period === now.period,
    [`this run ${text(now)}, next run ${text(next)}`]:
      !isWhole || (now.guaranteed === next.guaranteed && now.chosenPeriod === next.chosenPeriod),
    [`plugged ${plugged.join(', ')}`]: plugged.length <= (request.plugs ?? 0),
    [`the job does not end: ${text(newest)}`]: newest?.state !== 'running',
    [`a device without operation: ${text(after.jobs)}`]: after.aliases.every(
      (alias, n) =>
        alias.startsWith('virtiomem') ||
        after.jobs[n]?.changes.some((change) => change['alias'] === alias),
    ),
    [`neither done nor undone: ${text(resultOf(after))}`]:
      !isWhole ||
      [resultOf(before), doneOf(request, before)].map(text).includes(text(resultOf(after))),
  };
  return Object.entries(checks).flatMap(([what, isRight]) => (isRight ? [] : [what]));
}

const text = (part: unknown): string => JSON.stringify(part);

/** What a request changes; sizes in MiB. */
const resultOf = ({ now, next }: Seen) => ({
  guaranteed: now.guaranteed,
  memory: now.memory,
  nextRun: next.memory,
  target: now.target,
  period: now.period,
});

/** The same after the whole request. */
const doneOf = (request: Request, before: Seen) => {
  const undone = resultOf(before);
  return {
    guaranteed: request.guaranteed ?? undone.guaranteed,
    memory: request.memory ?? undone.memory,
    nextRun: request.nextRun ?? undone.nextRun,
    target: request.target ?? undone.target,
    period: request.period ?? undone.period,
  };
};
