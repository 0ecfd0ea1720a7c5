import { type KiB, toBytes } from '../../common/units.ts';
import { Fault } from './fault.ts';
import type { Members } from './members.ts';
import { hrefOfStatistics, hrefOfVm, type RestRequest } from './resource.ts';

/** Returns a VM's memory figures that are known, by oVirt's names; throws a {@link Fault} if there is no such VM. */
export async function statistics(
  vmId: string,
  { call, base }: RestRequest,
): Promise<readonly (Members & { readonly id: string })[]> {
  const usage = await call('VM.getMemoryUsage', { vmID: vmId });
  const figures: readonly (readonly [string, string, KiB | undefined])[] = [
    ['memory.installed', 'Total memory configured', usage.memory_kib],
    ['memory.used', 'Memory used by the guest', usage.used_kib],
    ['memory.free', 'Memory not used by the guest', usage.unused_kib],
    ['memory.cached', 'Memory used by the guest for caches', usage.disk_caches_kib],
  ];
  return figures.flatMap(([name, description, size]) => {
    if (size === undefined) return [];
    return {
      href: `${hrefOfStatistics(base, vmId)}/${name}`,
      id: name,
      name,
      description,
      kind: 'gauge',
      type: 'integer',
      unit: 'bytes',
      values: { value: [{ datum: toBytes(size) }] },
      vm: { href: hrefOfVm(base, vmId), id: vmId },
    };
  });
}

/** Returns one of them; throws a {@link Fault} if it is unknown. */
export async function statistic(vmId: string, id: string, request: RestRequest): Promise<Members> {
  const found = (await statistics(vmId, request)).find((one) => one.id === id);
  if (found) return found;
  throw new Fault(404, 'There is no such statistic, or its value is not known.');
}
