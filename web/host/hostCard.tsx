import type { Host, Vm } from '../connection/methods.ts';
import { inGib, percent } from '../model/size.ts';
import { Warnings } from '../parts/warnings.tsx';
import { Facts } from './facts.tsx';
import { HostHistory } from './hostHistory.tsx';
import { HostPicture } from './hostPicture.tsx';

interface HostCardProps {
  readonly host: Host;
  readonly vms: readonly Vm[];
  readonly isAdmin: boolean;
}

/** The host at a glance. */
export function HostCard({ host, vms, isAdmin }: HostCardProps) {
  return (
    <section class="card host" aria-labelledby="host-title">
      <div class="host-parts">
        <div class="host-now">
          <h2 id="host-title">Memory of this host</h2>
          <p class="lead">{lead(host)}</p>
          <Warnings warnings={host.warnings} />
          <HostPicture host={host} vms={vms} />
        </div>
        <HostHistory total={host.total_kib} />
        <Facts host={host} isAdmin={isAdmin} />
      </div>
    </section>
  );
}

/** Returns the state of the host in a sentence. */
function lead({ total_kib, used_by_guests_kib, available_kib, vms_up }: Host): string {
  if (total_kib === undefined) return 'The memory of this host could not be read.';
  const count = vms_up === 1 ? '1 running VM' : `${vms_up} running VMs`;
  const total = inGib(total_kib);
  if (used_by_guests_kib === undefined) return `${count} on a host with ${total}.`;
  const share = percent(used_by_guests_kib, total_kib);
  const used = `${count} ${vms_up === 1 ? 'uses' : 'use'} ${share} of ${total}`;
  return available_kib === undefined ? `${used}.` : `${used}; ${inGib(available_kib)} available.`;
}
