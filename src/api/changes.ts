import { namedSettings } from '../policy/decide/lines/parameters.ts';
import type { Services, State } from './context.ts';

type Vm = ReturnType<Services['vms']['get']>;

/** How to read what a verb can change of a VM; units are in the names. */
const OF_VM = {
  status: (vm: Vm) => vm.status,
  memory_kib: (vm: Vm) => vm.usableMemory,
  guaranteed_kib: (vm: Vm) => vm.guaranteed,
  balloon_target_kib: (vm: Vm) => vm.balloonTarget,
  memory_job: (vm: Vm) => vm.operations.operations.at(-1)?.id,
  stats_period_s: (vm: Vm) => vm.domain.balloon?.statsPeriod,
  cpu_quota_us: (vm: Vm) => vm.domain.cpuTune?.quota,
  cpu_period_us: (vm: Vm) => vm.domain.cpuTune?.period,
  cpu_limit_percent: (vm: Vm) => vm.domain.cpuTune?.userLimit,
};

/** How to read what a verb can change of the host. */
const OF_HOST = {
  log_level: ({ rootLog }: Services) => rootLog.level,
  mom_parameters: ({ mom }: Services) => mom.parameters,
  policy: ({ policy: { settings } }: Services) => ({
    mode: settings.mode,
    algorithm: settings.algorithm,
    ...namedSettings(settings.parameters),
  }),
  reserved_kib: ({ reservations }: Services) => reservations.held,
};

/** Effects that cannot be read here: handlers note the values of those that have some. */
type Unread = 'guest' | 'mom_policy' | 'next_run' | 'ksm';

/** What a verb can change. */
export type Changed = keyof typeof OF_VM | keyof typeof OF_HOST | Unread;

/** Returns the present values; a VM that does not exist has the status `absent` and nothing else. */
export function stateOf(
  changes: readonly Changed[],
  vm: Vm | undefined,
  services: Services,
): State {
  const read = (name: Changed): unknown => {
    if (Object.hasOwn(OF_HOST, name)) return OF_HOST[name as keyof typeof OF_HOST](services);
    if (!Object.hasOwn(OF_VM, name)) return undefined;
    if (!vm) return name === 'status' ? 'absent' : undefined;
    return OF_VM[name as keyof typeof OF_VM](vm);
  };
  return Object.fromEntries(
    changes.map((name) => [name, read(name)] as const).filter(([, value]) => value !== undefined),
  );
}

/** Whether all effects have values, those here or those noted, so that equal values mean that nothing has changed. */
export const areComparable = (changes: readonly Changed[], noted: State): boolean =>
  changes.every((name) => [OF_VM, OF_HOST, noted].some((values) => Object.hasOwn(values, name)));
