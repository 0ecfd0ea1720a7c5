import { useMemo, useState } from 'preact/hooks';
import type { Seen } from '../connection/merge.ts';
import { matches, type Order } from '../model/order.ts';
import { BarLegend } from './barLegend.tsx';
import { useOpenVm } from './useOpenVm.ts';
import { useOrder } from './useOrder.ts';
import { VmList } from './vmList.tsx';
import { VmTools } from './vmTools.tsx';

interface VmCardProps {
  readonly seen: ReadonlyMap<string, Seen>;
  readonly now: number;
  readonly canAct: boolean;
}

/** All VMs, with a filter and an order. */
export function VmCard({ seen, now, canAct }: VmCardProps) {
  const [filter, setFilter] = useState('');
  const [order, setOrder] = useState<Order>('need');
  const [isPointed, setPointed] = useState(false);
  const [openId, setOpen] = useOpenVm();
  const vms = useMemo(() => new Map([...seen].map(([id, { vm }]) => [id, vm])), [seen]);
  const ordered = useOrder(vms, order, isPointed || openId !== undefined);
  const shown = filter === '' ? ordered : ordered.filter((vm) => matches(vm, filter));

  return (
    <section class="card vms" aria-labelledby="vms-title">
      <VmTools {...{ shown, all: vms.size, filter, setFilter, order, setOrder }} />
      <BarLegend />
      <div
        onPointerEnter={({ pointerType }) => setPointed(pointerType === 'mouse')}
        onPointerLeave={() => setPointed(false)}
      >
        {shown.length === 0 && <p class="empty">{vms.size === 0 ? NO_VMS : noMatch(filter)}</p>}
        <VmList vms={shown} {...{ seen, now, openId, setOpen, canAct }} />
      </div>
    </section>
  );
}

const NO_VMS = 'There are no VMs on this host.';
const noMatch = (filter: string): string => `No VM has “${filter}” in its name or id.`;
