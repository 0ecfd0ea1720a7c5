import type { Host, Vm } from '../connection/methods.ts';
import { guestParts, type Part, physicalParts, sum } from '../model/hostParts.ts';
import { exactly, percent } from '../model/size.ts';
import { Size } from '../parts/size.tsx';

interface HostPictureProps {
  readonly host: Host;
  readonly vms: readonly Vm[];
}

/**
 * Two bars on one scale: what the host's memory is used for, and what its VMs could use. The second one is longer where
 * the host has promised more than there is.
 */
export function HostPicture({ host, vms }: HostPictureProps) {
  const physical = physicalParts(host);
  if (!physical) return null;
  const total = sum(physical);
  const guests = guestParts(vms);
  const scale = Math.max(total, sum(guests));
  return (
    <div class="picture">
      <Bar title="This host has" parts={physical} scale={scale}>
        <Reserve host={host} total={total} scale={scale} />
      </Bar>
      <Bar title="Its VMs could use" parts={guests} scale={scale}>
        {sum(guests) > total && (
          <span
            class="limit"
            style={{ left: share(total, scale) }}
            data-tip={`All that this host has\t${exactly(host.total_kib ?? (0 as Part['size']))}`}
          />
        )}
      </Bar>
    </div>
  );
}

interface BarProps {
  readonly title: string;
  readonly parts: readonly Part[];
  readonly scale: number;
  readonly children: preact.ComponentChildren;
}

function Bar({ title, parts, scale, children }: BarProps) {
  const total = sum(parts) as Part['size'];
  return (
    <div class="stack">
      <h3>
        {title} <Size kib={total} isStop />
      </h3>
      <div class="stack-bar" aria-hidden="true">
        {parts.map(({ kind, label, size, meaning }) => (
          <span
            key={kind}
            class={`part ${kind}`}
            style={{ width: share(size, scale) }}
            data-tip={`${label}\t${exactly(size)}\t${percent(size, total)}\n${meaning}`}
          />
        ))}
        {children}
      </div>
      <ul class="legend">
        {parts.map((part) => (
          <Entry key={part.kind} part={part} />
        ))}
      </ul>
    </div>
  );
}

const Entry = ({ part: { kind, label, size, meaning } }: { readonly part: Part }) => (
  <li data-part={kind}>
    <i class={`key ${kind}`} aria-hidden="true" />
    <span data-tip={meaning}>{label}</span> <Size kib={size} isStop />
  </li>
);

interface ReserveProps {
  readonly host: Host;
  readonly total: number;
  readonly scale: number;
}

/** What is to stay free, drawn over the end of the bar: where it covers more than free memory, it is not met. */
function Reserve({ host: { reserve_kib, reserved_kib }, total, scale }: ReserveProps) {
  const kept = (reserve_kib ?? 0) + (reserved_kib ?? 0);
  if (kept === 0) return null;
  const tip = `Kept for the host\t${exactly(kept as Part['size'])}`;
  return (
    <span
      class="reserve"
      style={{ left: share(total - kept, scale), width: share(kept, scale) }}
      data-tip={tip}
    />
  );
}

const share = (part: number, all: number): string =>
  `${(all > 0 ? (100 * part) / all : 0).toFixed(3)}%`;
