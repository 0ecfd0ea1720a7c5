import type { World } from '../support/world.ts';
import { type Seen, seen, unsound } from './judgement.ts';
import { type Ask, NEW, OTHER, type Plan, SUBJECT } from './plan.ts';
import { statuses, type Statuses, untrue } from './statuses.ts';

/** What clients and the host see of all that a story is about. */
export interface Sight {
  readonly statuses: Statuses;
  /** Running VMs by id. */
  readonly vms: Readonly<Record<string, Seen>>;
  /** What is reserved, in KiB, by id. */
  readonly held: Readonly<Record<string, number>>;
}

interface Reserved {
  readonly reservationID: string;
  readonly state: string;
  readonly amount_kib: number;
}

export async function sight(world: World): Promise<Sight> {
  const found = await statuses(world);
  const vms: Record<string, Seen> = {};
  for (const [id, state] of Object.entries(found.domains)) {
    if (state === 'running' && found.vms[id] !== undefined) vms[id] = await seen(world, id);
  }
  const reservations = (await world.call('Host.getReservations')) as readonly Reserved[];
  return {
    statuses: found,
    vms,
    held: Object.fromEntries(
      reservations.map(({ reservationID, amount_kib }) => [reservationID, amount_kib]),
    ),
  };
}

/** Returns what is wrong after a story, once vmemd has recovered and everything has come to rest. */
export function wrong({ asks, strikes }: Plan, before: Sight, after: Sight): string[] {
  const complaints = untrue(after.statuses);
  for (const [id, vm] of Object.entries(after.vms)) {
    complaints.push(...unsound(vm).map((what) => `${id}: ${what}`));
  }
  complaints.push(...wrongLives({ asks, strikes }, after), ...wrongReservations(asks, after));
  const [was, is] = [before.vms[SUBJECT], after.vms[SUBJECT]];
  const ofSubject = asks.filter(({ vmID }) => vmID === SUBJECT);
  if (was && is && ofSubject.every(({ method }) => !ENDS.includes(method))) {
    const isOnlyKilled = strikes.every(({ fault }) => fault === 'vmemd is killed');
    complaints.push(
      ...forgotten(ofSubject, was, is),
      ...wrongSizes(ofSubject, was, is, isOnlyKilled),
    );
  }
  if (asks.some(({ vmID }) => vmID === OTHER)) return complaints;
  const [then, now] = [before, after].map(({ vms }) => sizesOf(vms[OTHER]));
  if (then !== now)
    complaints.push(`nobody has asked for it: ${String(then)} became ${String(now)}`);
  return complaints;
}

const sizesOf = (vm: Seen | undefined): string =>
  JSON.stringify({ guaranteed: vm?.now.guaranteed, memory: vm?.now.memory });

const ENDS = ['VM.destroy', 'VM.shutdown', 'VM.reset'];

/** Returns which VMs do not live as they were asked to. */
function wrongLives(
  { asks, strikes }: Pick<Plan, 'asks' | 'strikes'>,
  { statuses: { vms } }: Sight,
): string[] {
  const complaints: string[] = [];
  const creations = asks.filter(({ method }) => method === 'VM.create');
  // what the host never got is Down, and unknown after a kill
  const kills = strikes.filter(({ fault }) => fault === 'vmemd is killed').length;
  const isKept = kills === 0 || kills === strikes.length;
  const isAccepted = creations.some(({ answer }) => answer === 'accepted');
  if (isAccepted && isKept && vms[NEW] === undefined) {
    complaints.push('VM.create was accepted, and there is no VM');
  }
  if (creations.length === 0 && vms[NEW] !== undefined) complaints.push('nobody has created it');
  return [...complaints, ...[SUBJECT, OTHER].flatMap((id) => wrongLife(id, asks, vms[id]))];
}

function wrongLife(id: string, asks: readonly Ask[], status: string | undefined): string[] {
  const about = (verb: string) => asks.filter(({ vmID, method }) => vmID === id && method === verb);
  const destroyed = about('VM.destroy');
  if (status !== undefined && destroyed.some(({ answer }) => answer === 'accepted')) {
    return [`VM.destroy was accepted, and ${id} is ${status}`];
  }
  const possible = [
    'Up',
    ...(destroyed.length > 0 ? ['Down', undefined] : []),
    ...(about('VM.shutdown').length > 0 ? ['Down'] : []),
    ...(about('VM.pause').length > 0 ? ['Paused'] : []),
  ];
  return possible.includes(status) ? [] : [`${id} is ${String(status)}`];
}

function wrongReservations(asks: readonly Ask[], { held }: Sight): string[] {
  const asked = asks.filter(({ method }) => method === 'Host.reserveMemory');
  const accepted = asked.filter(({ answer }) => answer === 'accepted').length;
  const unknown = asked.filter(({ answer }) => answer === 'none').length;
  const found = Object.keys(held).length;
  if (found >= accepted && found <= accepted + unknown) return [];
  return [`${String(accepted)} reservations were accepted, ${String(found)} are held`];
}

type Field = 'guaranteed' | 'period';
const FIELDS: readonly Field[] = ['guaranteed', 'period'];

/** Returns the values that were accepted and are not in force, and those in force that no request set. */
function forgotten(asks: readonly Ask[], before: Seen, after: Seen): string[] {
  return FIELDS.flatMap((field) => {
    const asking = asks.filter(({ request }) => request?.[field] !== undefined);
    const others = asks.filter(({ request, params }) => !request && field in params);
    const found = after.now[field];
    const possible = [
      before.now[field],
      ...asking.map(({ request }) => request?.[field]),
      ...others.map(({ params }) => (params as Partial<Record<Field, number>>)[field]),
    ];
    if (!possible.includes(found)) return [`no request set ${field} to ${String(found)}`];
    const [only] = asking;
    // A failed call may have kept VM.setMemory, and what waits for a device, from the rest of its work.
    const isSure = asking.length === 1 && others.length === 0 && SETS.test(only?.method ?? '');
    if (!isSure || only?.answer !== 'accepted' || found === only.request?.[field]) return [];
    return [`${only.name} was accepted, but ${field} is ${String(found)}`];
  });
}

const SETS = /^VM\.set(?!Memory$)/;

/** Returns which sizes no model of the requests allows, in MiB. */
function wrongSizes(
  asks: readonly Ask[],
  before: Seen,
  after: Seen,
  isOnlyKilled: boolean,
): string[] {
  const changing = asks.filter(
    ({ method, request }) => method === 'VM.setMemory' || request?.memory !== undefined,
  );
  const complaints: string[] = [];
  const [was, is] = [before.now, after.now];
  const added = after.aliases.filter((alias) => !before.aliases.includes(alias));
  const plugs = changing.reduce((sum, { request }) => sum + (request?.plugs ?? 0), 0);
  if (added.length > plugs)
    complaints.push(`${added.join(', ')} were plugged, ${String(plugs)} asked for`);
  // A size that is asked for after a plug can be less than the VM has by then.
  const most = changing.reduce((size, ask) => Math.max(size, wishOf(ask, size)), was.memory);
  const isShrinking = changing.some((ask) => wishOf(ask, was.memory) < most);
  const gone = before.aliases.filter((alias) => !after.aliases.includes(alias));
  if (gone.length > 0 && !isShrinking) complaints.push(`${gone.join(', ')} are gone`);
  return [
    ...complaints,
    ...(changing.length > 1 ? [] : wrongSize(changing, was, is, isOnlyKilled)),
  ];
}

/** As {@link wrongSizes}, for one request at most. */
function wrongSize(
  [only]: readonly Ask[],
  was: Seen['now'],
  is: Seen['now'],
  isOnlyKilled: boolean,
): string[] {
  const complaints: string[] = [];
  if (only?.method === 'VM.setMemory' && !isOnlyKilled) return complaints;
  const wish = only ? wishOf(only, was.memory) : was.memory;
  if (![was.memory, wish].includes(is.memory)) complaints.push(`it has ${String(is.memory)} MiB`);
  if (only?.answer === 'accepted' && is.memory !== wish) {
    complaints.push(`${only.name} was accepted, and it has ${String(is.memory)} MiB`);
  }
  return complaints;
}

/** The memory after a request that changes it, in MiB; one that plugs a device says it of a VM of 1 GiB. */
function wishOf({ method, params, request }: Ask, had: number): number {
  if (method === 'VM.setMemory') return (params as { readonly memory: number }).memory;
  const memory = request?.memory ?? had;
  return method === 'VM.hotplugMemory' ? had + memory - 1024 : memory;
}
