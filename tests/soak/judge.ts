import { CallFailedError, type Client } from '../../src/client/index.ts';
import { type HostDomain, readHostDomain } from '../support/hostDomain.ts';
import type { DomainOnHost, HostState } from './daemon/messages.ts';
import type { Model } from './model/model.ts';
import type { ModelVm } from './model/vm.ts';

const MIB = 1024;

/** What vmemd says of a VM that runs; sizes in KiB. */
interface Told {
  readonly status: string;
  readonly guaranteed: number | undefined;
  readonly target: number;
  /** Who set the target. */
  readonly by: string;
  readonly maximum: number;
  readonly period: number;
  readonly aliases: readonly string[];
  readonly job: Job | undefined;
}

interface Job {
  readonly action: string;
  readonly state: string;
  readonly expected_mib?: number;
}

/** A VM as the model, vmemd and the host have it. */
interface Case {
  readonly vm: ModelVm;
  readonly told: Told;
  readonly host: DomainOnHost;
  readonly now: HostDomain;
  readonly next: HostDomain;
}

export interface Verdict {
  readonly problems: readonly string[];
  readonly cases: readonly Case[];
}

/** Compares what vmemd has answered and says with what the host has. */
export async function judge(model: Model, client: Client, state: HostState): Promise<Verdict> {
  const onHost = new Map(state.domains.map((domain) => [domain.uuid, domain]));
  const { vms } = await client.call('Host.getOverview');
  const told = new Map(vms.map(({ id, status }) => [id, status as string]));
  const problems = existence(model, onHost, told);
  const cases: Case[] = [];
  for (const vm of model.vms()) {
    const host = onHost.get(vm.id);
    const status = told.get(vm.id);
    if (!host || status === undefined) continue;
    if (host.balloonTarget === undefined) {
      if (status !== 'Down') problems.push(`${vm.id} is ${host.state}, and told to be ${status}`);
      vm.isDown = true;
      continue;
    }
    const each = await caseOf(vm, host, { status, client });
    if (!each) problems.push(`${vm.id} is on the host, and vmemd knows no such VM`);
    else {
      cases.push(each);
      problems.push(...problemsOf(each, model.isMoved));
    }
  }
  return { problems, cases };
}

function existence(
  model: Model,
  onHost: ReadonlyMap<string, unknown>,
  told: ReadonlyMap<string, unknown>,
): string[] {
  const known = new Map(model.vms().map((vm) => [vm.id, vm]));
  const ids = new Set([...known.keys(), ...onHost.keys(), ...told.keys()]);
  return [...ids].flatMap((id) => {
    const vm = known.get(id);
    const words: string[] = [];
    if (!vm) words.push(`${id} should not be there`);
    // a VM whose domain is gone, or whose start has failed after the reply, is Down until a client destroys it
    const isGone = told.get(id) === 'Down' && !onHost.has(id);
    if (isGone && vm) vm.isDown = true;
    if (vm?.exists === true && !onHost.has(id) && !isGone) {
      words.push(`${id} was created, and is gone`);
    }
    if (onHost.has(id) !== told.has(id) && !isGone) {
      words.push(`${id} is ${onHost.has(id) ? '' : 'not '}on the host, and vmemd says otherwise`);
    }
    return words;
  });
}

async function caseOf(
  vm: ModelVm,
  host: DomainOnHost,
  { status, client }: { readonly status: string; readonly client: Client },
): Promise<Case | undefined> {
  const vmID = vm.id;
  try {
    const [balloon, devices, job] = await Promise.all([
      client.call('VM.getBalloonInfo', { vmID }),
      client.call('VM.getMemoryDevices', { vmID }),
      client.call('VM.getMemoryJob', { vmID }).catch(noJob),
    ]);
    const told = {
      status,
      guaranteed: balloon.guaranteed_kib,
      target: Number(balloon.balloon_target),
      by: balloon.target_by,
      maximum: Number(balloon.balloon_max),
      period: balloon.stats_period_s,
      aliases: devices.map(({ alias }) => alias),
      job,
    };
    const next = readHostDomain(host.nextRunXml ?? host.xml);
    return { vm, told, host, now: readHostDomain(host.xml), next };
  } catch (error) {
    if (error instanceof CallFailedError && error.code === 1) return undefined;
    throw error;
  }
}

function noJob(error: unknown): undefined {
  if (error instanceof CallFailedError && error.code === 91) return undefined;
  throw error;
}

function problemsOf(each: Case, isMoved: boolean): string[] {
  const { vm, told, host, now, next } = each;
  const aliases = now.devices.map(({ alias }) => alias);
  const guaranteed = (told.guaranteed ?? 0) / MIB;
  const provided = now.provided / MIB;
  const checks: Readonly<Record<string, boolean>> = {
    [`is ${host.state}, and told to be ${told.status}`]:
      (host.state === 'paused') === (told.status === 'Paused'),
    [`guarantees ${text(now.guaranteed)} MiB, and ${guaranteed} is told`]:
      now.guaranteed === guaranteed,
    [`guarantees ${text(now.guaranteed)} MiB now and ${text(next.guaranteed)} next`]:
      now.guaranteed === next.guaranteed,
    [`guarantees ${guaranteed} MiB, and should ${text(vm.guaranteed)}`]:
      vm.guaranteed.allows(guaranteed),
    [`has the period ${text(now.statsPeriod)}, and ${told.period} is told`]:
      (now.statsPeriod ?? 0) === told.period,
    [`has the period ${told.period}, and should ${text(vm.period)}`]: vm.period.allows(told.period),
    [`has the target ${text(host.balloonTarget)}, and ${told.target} is told`]:
      host.balloonTarget === told.target || hasTakenBack(each),
    [`has the target ${text(host.balloonTarget)}, and should ${text(vm.target)}`]:
      isMoved || vm.family !== 'balloon' || vm.target.allows(host.balloonTarget ?? NaN),
    [`has the target ${told.target} of ${told.maximum}, guaranteed ${guaranteed} MiB`]:
      told.target >= guaranteed * MIB && told.target <= told.maximum,
    [`has ${now.provided} KiB, and ${told.maximum} is told`]: now.provided === told.maximum,
    [`has the devices ${aliases.join()}, and ${told.aliases.join()} are told`]:
      text([...aliases].sort()) === text([...told.aliases].sort()),
    [`lacks one of ${[...vm.plugged].join()}`]: [...vm.plugged].every((one) =>
      aliases.includes(one),
    ),
    [`has one of ${aliases.join()} that nobody has plugged`]:
      vm.family !== 'dimm' || aliases.every((one) => vm.plugged.has(one) || vm.doubtful.has(one)),
    [`has a job that does not end: ${JSON.stringify(told.job)}`]: told.job?.state !== 'running',
    [`has ${provided} MiB after ${JSON.stringify(told.job)}`]: hasExpectedSize(each, provided),
  };
  return Object.entries(checks).flatMap(([words, isRight]) =>
    isRight ? [] : [`${vm.id} (${vm.family}) ${words}`],
  );
}

/** Whether the only resize of a VM that is done has led to the size that it announced. */
const hasExpectedSize = ({ vm, told: { job } }: Case, provided: number): boolean =>
  vm.family !== 'size' ||
  vm.resizes > 1 ||
  job?.state !== 'done' ||
  (job.expected_mib ?? provided) === provided;

/** Whether vmemd has seen that the guest, which is short of memory, has taken some back from the balloon. */
const hasTakenBack = ({ told, host }: Case): boolean =>
  told.by === 'outside' && told.target > (host.balloonTarget ?? Infinity);

const text = (value: unknown): string => String(value);

/** From now on the model knows what was doubtful. */
export function settle(model: Model, { cases }: Verdict): void {
  for (const { vm, told, host } of cases) {
    vm.exists = true;
    vm.guaranteed.settle((told.guaranteed ?? 0) / MIB);
    vm.period.settle(told.period);
    vm.target.settle(host.balloonTarget ?? told.target);
    vm.plugged.clear();
    vm.doubtful.clear();
    vm.resizes = 0;
    if (vm.family === 'dimm') for (const alias of told.aliases) vm.plugged.add(alias);
  }
  model.isMoved = false;
}
