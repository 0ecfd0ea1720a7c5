import type { HostDomain } from '../support/hostDomain.ts';
import { onHost } from '../support/onHost.ts';
import type { JobOnWire } from '../support/memoryGuest.ts';
import type { World } from '../support/world.ts';
import type { Request } from './requests.ts';

const MIB = 1024;

export type Seen = Awaited<ReturnType<typeof seenOf>> & {
  /** The sizes that clients see and those of the host, when no balloon moves. */
  readonly sizes?: Awaited<ReturnType<typeof sizesOf>>;
  /** Steps that have not ended. */
  readonly open?: readonly string[];
};

/** The reply to a client; `none` if vmemd was killed before it replied. */
export type Answer = 'accepted' | 'failed' | 'none';

/** Where a VM is seen: from clients and from the host. */
export interface View {
  readonly call: (method: string, params?: object) => Promise<unknown>;
  readonly now: HostDomain;
  readonly next: HostDomain;
  /** What the host was last asked to leave by the balloon, in KiB. */
  readonly target: number;
}

/** What clients see of a VM of the simulated host, and what that host knows of it; sizes in MiB. */
export async function seen(world: World, vmID: string): Promise<Seen> {
  const host = onHost(world, vmID);
  const view = {
    call: (method: string, params?: object) => world.call(method, { vmID, ...params }),
    now: await host.now(),
    next: await host.nextRun(),
    target: host.balloonTarget(),
  };
  const { openSteps } = world.vms.get(vmID).operations;
  return {
    ...(await seenOf(view)),
    sizes: await sizesOf(world, vmID, view),
    open: openSteps
      // A guarantee waits for a device that may still come or go.
      .filter(({ step }) => step.kind !== 'guarantee' || step.state === 'sent')
      .map(({ step }) => `${step.kind} ${step.state}`),
  };
}

interface DeviceOnWire {
  readonly alias: string;
  readonly size_mib: number;
  readonly requested_mib?: number;
  readonly current_mib?: number;
}

async function sizesOf(world: World, vmID: string, { call, now, target }: View) {
  const balloon = await world.balloon(vmID);
  const devices = (await call('VM.getMemoryDevices')) as readonly DeviceOnWire[];
  const current = (await world.host.sampleAll()).get(vmID)?.current ?? NaN;
  return {
    told: {
      memory: Number(balloon['balloon_max']) / MIB,
      current: Number(balloon['balloon_cur']) / MIB,
      devices: devices.map(({ alias, size_mib, requested_mib, current_mib }) =>
        [alias, size_mib, requested_mib, current_mib].join(' '),
      ),
    },
    now: {
      memory: now.memory / MIB,
      current: current / MIB,
      devices: now.devices.map((device) =>
        [
          device.alias,
          ...[device.size, device.requested, device.current].map((part) => part && part / MIB),
        ].join(' '),
      ),
    },
    target: target / MIB,
  };
}

/** What clients see of a VM, and what the host knows of it; sizes in MiB. */
export async function seenOf({ call, now, next, target }: View) {
  const balloon = (await call('VM.getBalloonInfo')) as Readonly<Record<string, unknown>>;
  const aliases = now.devices.map(({ alias }) => alias);
  const jobOf = (params: object): Promise<JobOnWire | undefined> =>
    call('VM.getMemoryJob', params).then(
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
      target: target / MIB,
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

/** Returns what a restart has changed. */
export const differences = (before: Seen, after: Seen): string[] =>
  (Object.keys(before) as (keyof Seen)[])
    .map((name) => [name, text(before[name]), text(after[name])])
    .filter(([, was, is]) => was !== is)
    .map(([name, was, is]) => `a restart changes ${name} from ${was} to ${is}`);

/** Returns what is wrong after any requests and faults, once vmemd has recovered. */
export function unsound(seen: Seen): string[] {
  const { told, now, next, aliases, jobs, newest, sizes, open = [] } = seen;
  return failing({
    [`told ${text(told)}, but the host has ${text(now)}`]:
      told.target === now.target &&
      told.guaranteed === now.guaranteed &&
      told.period === now.period,
    [`sizes differ: ${text(sizes)}`]: !sizes || text(sizes.told) === text(sizes.now),
    [`the balloon does not reach its target: ${text(sizes)}`]:
      !sizes || sizes.now.current === sizes.target,
    [`a step is left: ${text(open)}`]: open.length === 0,
    [`the job does not end: ${text(newest)}`]: newest?.state !== 'running',
    [`a target below the guarantee: ${text(now)}`]: now.target >= (now.guaranteed ?? 0),
    [`this run ${text(now)}, next run ${text(next)}`]: now.chosenPeriod === next.chosenPeriod,
    [`a device without operation: ${text(jobs)}`]: aliases.every(
      (alias, n) =>
        alias.startsWith('virtiomem') ||
        jobs[n]?.changes.some((change) => change['alias'] === alias),
    ),
  });
}

interface Case {
  readonly before: Seen;
  readonly after: Seen;
  readonly answer: Answer;
  readonly isKill: boolean;
}

/** What a request changes, apart from how it is asked for. */
export type Expected = Omit<Request, 'params' | 'setup' | 'sizes'>;

/** Returns what is wrong after one request and one fault: an accepted request holds, others hold or do not, never half. */
export function broken(request: Expected, { before, after, answer, isKill }: Case): string[] {
  const { now, next } = after;
  // If a call has failed, VM.setMemory can take effect in part, and reports that.
  const isWhole = isKill || request.verb !== 'setMemory';
  const plugged = after.aliases.filter((alias) => !before.aliases.includes(alias));
  const undone = text(resultOf(before));
  const found = text(resultOf(after));
  const done = text(doneOf(request, before));
  return [
    ...unsound(after),
    ...failing({
      [`plugged ${plugged.join(', ')}`]: plugged.length <= (request.plugs ?? 0),
      [`this run guarantees ${text(now)}, the next ${text(next)}`]:
        !isWhole || now.guaranteed === next.guaranteed,
      [`neither done nor undone: ${found} is neither ${done} nor ${undone}`]:
        !isWhole || [undone, done].includes(found),
      [`accepted but not done: ${found} instead of ${done}`]:
        !isWhole || answer !== 'accepted' || found === done,
    }),
  ];
}

const failing = (checks: Readonly<Record<string, boolean>>): string[] =>
  Object.entries(checks).flatMap(([what, isRight]) => (isRight ? [] : [what]));

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
const doneOf = (request: Expected, before: Seen) => {
  const undone = resultOf(before);
  return {
    guaranteed: request.guaranteed ?? undone.guaranteed,
    memory: request.memory ?? undone.memory,
    nextRun: request.nextRun ?? undone.nextRun,
    target: request.target ?? undone.target,
    period: request.period ?? undone.period,
  };
};
