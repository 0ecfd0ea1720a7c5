import { onHost } from '../../support/onHost.ts';
import type { KillPoint } from '../../support/lifetime.ts';
import { type JobOnWire, openGuest } from '../../support/memoryGuest.ts';
import type { World } from '../../support/world.ts';
import type { Request } from './requests.ts';

const MIB = 1024;
const GUARANTEED = 512;
const TARGET = 900;
const PERIOD = 10;
/** As long as a request of a willing guest takes. */
const REQUEST_S = 20;
/** Rounds of 30 s in which vmemd recovers: longer than any deadline. */
const RECOVERY = 5;

interface Outcome {
  /** Whether the request made so many calls. */
  readonly wasKilled: boolean;
  /** The last call that the host got of vmemd. */
  readonly lastCall: string;
  readonly complaints: readonly string[];
}

/** Kills vmemd at that call of the request, starts it again, and says what is wrong once it has recovered. */
export async function killed(request: Request, point: KillPoint): Promise<Outcome> {
  const guest = await openGuest(request.setup);
  const { world, vmID, ask, set } = guest;
  for (const memory of request.sizes ?? []) {
    await Promise.all([set({ memory, wait: true }), world.sampled()]);
  }
  await ask('setBalloonTarget', { target: TARGET * MIB });
  await world.seconds(5);
  const before = await seen(world, vmID);
  world.calls.length = 0;
  world.killAt(point);
  ask(request.verb, request.params).catch(() => undefined);
  await world.seconds(REQUEST_S);
  const wasKilled = world.isDead;
  const lastCall = world.calls.at(-1) ?? 'none';
  await world.restart();
  for (let round = 0; round < RECOVERY; round += 1) await world.sampled();
  const after = await seen(world, vmID);
  const complaints = complaintsOn(request, before, after);
  await world.restart();
  await world.seconds(1);
  const again = JSON.stringify(await seen(world, vmID));
  if (again !== JSON.stringify(after)) {
    complaints.push(`a restart changes ${JSON.stringify(after)} to ${again}`);
  }
  const errors = world.lines.filter(({ level }) => Number(level) >= 50);
  complaints.push(...errors.map((line) => JSON.stringify(line)));
  return { wasKilled, lastCall, complaints };
}

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

/** What is wrong: a request is done altogether, or not at all. */
function complaintsOn(request: Request, before: Seen, after: Seen): string[] {
  const complaints: string[] = [];
  const check = (isRight: boolean, what: string): void => {
    if (!isRight) complaints.push(what);
  };
  const { told, now, next, newest } = after;
  const text = (part: object): string => JSON.stringify(part);
  check(told.target === now.target, `told ${text(told)}, but the host has ${text(now)}`);
  check(told.guaranteed === now.guaranteed, `told ${text(told)}, stored ${text(now)}`);
  check(now.guaranteed === next.guaranteed, `guaranteed ${text(now)}, next ${text(next)}`);
  check(now.chosenPeriod === next.chosenPeriod, `period ${text(now)}, next ${text(next)}`);
  check(told.period === now.period, `told ${text(told)}, but the host has ${text(now)}`);
  const plugged = after.aliases.filter((alias) => !before.aliases.includes(alias));
  check(plugged.length <= (request.plugs ?? 0), `plugged ${plugged.join(', ')}`);
  check(newest?.state !== 'running', `the job does not end: ${text(newest ?? {})}`);
  after.aliases.forEach((alias, n) => {
    const job = after.jobs[n];
    const isPlugOf = job?.changes.some((one) => one['alias'] === alias);
    check(isPlugOf === true || alias.startsWith('virtiomem'), `${alias} has no operation`);
  });
  const undone = {
    guaranteed: GUARANTEED,
    memory: before.now.memory,
    nextRun: before.next.memory,
    target: TARGET,
    period: PERIOD,
  };
  const done = {
    guaranteed: request.guaranteed ?? undone.guaranteed,
    memory: request.memory ?? undone.memory,
    nextRun: request.nextRun ?? undone.nextRun,
    target: request.target ?? undone.target,
    period: request.period ?? undone.period,
  };
  const reached = {
    guaranteed: now.guaranteed,
    memory: now.memory,
    nextRun: next.memory,
    target: now.target,
    period: now.period,
  };
  const is = (wanted: object): boolean => text(wanted) === text(reached);
  check(is(undone) || is(done), `neither done nor undone: ${text(reached)}`);
  return complaints;
}
