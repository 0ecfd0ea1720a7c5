import { useRef, useState } from 'preact/hooks';
import type { Seen } from '../connection/merge.ts';
import type { Vm } from '../connection/methods.ts';
import { VmDetails } from '../vm/vmDetails.tsx';
import { moveFocus, rowOf } from './rowFocus.ts';
import { useRowHeight } from './useRowHeight.ts';
import { useSparks } from './useSparks.ts';
import { useVisibleRows } from './useVisibleRows.ts';
import { VmRow } from './vmRow.tsx';
import { heightOf, type Layout, topOf } from './window.ts';

interface VmListProps {
  /** In the order in which they are shown. */
  readonly vms: readonly Vm[];
  readonly seen: ReadonlyMap<string, Seen>;
  readonly now: number;
  readonly openId: string | undefined;
  readonly setOpen: (id: string | undefined) => void;
  readonly canAct: boolean;
}

/** A row for each VM; only those on the screen exist. */
export function VmList(props: VmListProps) {
  const { vms, openId } = props;
  const list = useRef<HTMLUListElement>(null);
  const [detailsHeight, setDetailsHeight] = useState(0);
  const [focused, setFocused] = useState<string>();
  const { form, rowHeight } = useRowHeight(list);
  const openIndex = vms.findIndex(({ id }) => id === openId);
  const open = openIndex < 0 ? undefined : { index: openIndex, height: detailsHeight };
  const layout: Layout = { count: vms.length, rowHeight, open };
  const { first, end } = useVisibleRows(list, layout);
  const kept = [openIndex, vms.findIndex(({ id }) => id === focused)];
  const sparks = useSparks(vms.slice(first, end).map(({ id }) => id));

  return (
    <ul
      ref={list}
      class={`vm-list ${form}`}
      role="list"
      style={{ height: `${String(heightOf(layout))}px`, '--row': `${String(rowHeight)}px` }}
      onFocusIn={({ target }) => setFocused(rowOf(target))}
      onFocusOut={() => setFocused(undefined)}
      onKeyDown={(event) => moveFocus(event, vms, layout)}
    >
      {shown(first, end, kept).map((index) => (
        <Item key={vms[index]?.id} {...{ ...props, index, layout, sparks, setDetailsHeight }} />
      ))}
    </ul>
  );
}

interface ItemProps extends VmListProps {
  readonly index: number;
  readonly layout: Layout;
  readonly sparks: ReturnType<typeof useSparks>;
  readonly setDetailsHeight: (height: number) => void;
}

/** A row at its place, with the details if they are open. */
function Item({ index, vms, seen, layout, sparks, setDetailsHeight, ...props }: ItemProps) {
  const { now, openId, setOpen, canAct } = props;
  const { id = '' } = vms[index] ?? {};
  const figures = seen.get(id);
  if (!figures) return null;
  const isOpen = id === openId;
  return (
    <li
      aria-setsize={vms.length}
      aria-posinset={index + 1}
      style={{ transform: `translateY(${String(topOf(layout, index))}px)` }}
    >
      <VmRow
        seen={figures}
        now={now}
        spark={sparks.get(id)}
        isOpen={isOpen}
        toggle={() => setOpen(isOpen ? undefined : id)}
      />
      {isOpen && <VmDetails seen={figures} now={now} canAct={canAct} resized={setDetailsHeight} />}
    </li>
  );
}

/** Returns the indices from first to end, and those of `kept` that exist. */
function shown(first: number, end: number, kept: readonly number[]): readonly number[] {
  const indices = new Set(Array.from({ length: end - first }, (_, i) => first + i));
  for (const index of kept) if (index >= 0) indices.add(index);
  return [...indices].sort((a, b) => a - b);
}
