import type { Vm } from '../connection/methods.ts';
import { lasting } from './age.ts';
import { inGib } from './size.ts';

const STATUS: Partial<Record<Vm['status'], string>> = {
  Down: 'Off',
  Paused: 'Paused',
  'Powering up': 'Starting',
  'Powering down': 'Shutting down',
  RebootInProgress: 'Rebooting',
  'Migration Source': 'Moving to another host',
  'Migration Destination': 'Arriving from another host',
  'Saving State': 'Being saved',
  'Restoring state': 'Being restored',
  WaitForLaunch: 'Waiting to start',
};

/** Returns a VM's status if it is not simply running. */
export const statusWords = ({ status }: Vm): string | undefined => STATUS[status];

type FreshnessState = NonNullable<Vm['freshness']>['state'];

/** Why a guest's figures are old or absent, without and with the age of its last report. */
const FRESHNESS: Record<FreshnessState, readonly [string, ((age: string) => string)?] | undefined> =
  {
    fresh: undefined,
    stale: ['Guest has not reported for a while', (age) => `Guest has not reported for ${age}`],
    paused: ['No report while paused', (age) => `Paused; last report ${age} ago`],
    'no-values': ['Guest reports no figures: is the balloon driver loaded?'],
    never: ['Guest has not reported yet'],
    'no-period': ['Guest is not asked for reports'],
    'no-device': ['No balloon device'],
    unknown: ['Use of memory not known yet'],
  };

/** Returns why the figures of the guest may be old or absent; undefined if they are fresh. `waited` is in seconds. */
export function freshnessWords({ freshness, status }: Vm, waited: number): string | undefined {
  if (status === 'Down') return undefined;
  const { state, age_s } = freshness ?? { state: 'unknown' as const };
  const [words, dated] = FRESHNESS[state] ?? [];
  return age_s === undefined || !dated ? words : dated(lasting(age_s + waited));
}

/** Returns whether the guest's figures are those of now. */
export const isStale = ({ freshness, status }: Vm): boolean =>
  status !== 'Down' && freshness !== undefined && freshness.state !== 'fresh';

/** Returns what the balloon does, if it does anything. */
export function balloonWords({ moving, current_kib, target_kib, ballooning_disabled_because }: Vm) {
  if (ballooning_disabled_because !== undefined)
    return `No ballooning: ${ballooning_disabled_because}`;
  if (current_kib === undefined || target_kib === undefined) return undefined;
  if (moving === 'on-its-way')
    return `Balloon on its way: ${inGib(current_kib)} → ${inGib(target_kib)}`;
  return undefined;
}

/** Returns between which sizes the balloon moves. */
export function limitWords({ guaranteed_kib, maximum_kib, memory_kib }: Vm): string {
  const most = maximum_kib ?? memory_kib;
  const least =
    guaranteed_kib === undefined ? 'No guarantee' : `${inGib(guaranteed_kib)} guaranteed`;
  return most === undefined ? least : `${least}, ${inGib(most)} at most`;
}

const JOBS: Record<Vm['jobs'][number]['action'], string> = {
  plug: 'Adding memory',
  unplug: 'Removing memory',
  'set-memory': 'Changing memory',
};

/** Returns what is being done to a VM's memory devices; undefined if nothing. */
export function jobWords({ jobs }: Vm): string | undefined {
  const [job] = jobs;
  if (!job) return undefined;
  const { devices, devices_open: open } = job;
  const done = devices > 1 ? `: ${devices - open} of ${devices} done` : '';
  return `${JOBS[job.action]}${done}`;
}

export const POLICY = {
  off: { name: 'Off', meaning: 'Balloons move on request only' },
  observe: { name: 'Observing', meaning: 'Decides, changes nothing' },
  act: { name: 'Acting', meaning: 'Moves balloons as VMs need memory' },
} as const;

/** Says in a word how much programs on the host wait for memory; `stall` is a percentage of time. */
export function stallWords(stall: number): string {
  if (stall < 0.1) return 'None';
  if (stall < 5) return 'Low';
  if (stall < 20) return 'Noticeable';
  return 'Severe';
}
