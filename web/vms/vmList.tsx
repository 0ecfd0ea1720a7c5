import { useRef, useState } from 'preact/hooks';
import type { Seen } from '../connection/merge.ts';
import type { Vm } from '../connection/methods.ts';
import { isStale } from '../model/words.ts';
import { memo } from '../parts/memo.ts';
import { VmDetails } from '../vm/vmDetails.tsx';
import { moveFocus, rowOf } from './rowFocus.ts';
import type { Spark } from './sparks.ts';
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
  const indexOf = (id: string | undefined): number => vms.findIndex((vm) => vm.id === id);
  const openIndex = indexOf(openId);
  const open = openIndex < 0 ? undefined : { index: openIndex, height: detailsHeight };
  const layout: Layout = { count: vms.length, rowHeight, open };
  const { first, end } = useVisibleRows(list, layout);
  const sparks = useSparks(vms.slice(first, end).map(({ id }) => id));
  const indices = shown(first, end, [openIndex, indexOf(focused)]);

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
      {indices.map((index) => itemOf(index, { ...props, layout, sparks, setDetailsHeight }))}
    </ul>
  );
}

interface Shown extends VmListProps {
  readonly layout: Layout;
  readonly sparks: ReturnType<typeof useSparks>;
  readonly setDetailsHeight: (height: number) => void;
}

function itemOf(index: number, { vms, seen, layout, sparks, now, openId, ...rest }: Shown) {
  const figures = seen.get(vms[index]?.id ?? '');
  if (!figures) return null;
  const { setOpen, canAct, setDetailsHeight } = rest;
  const { id } = figures.vm;
  const isOpen = id === openId;
  return (
    <Item
      key={id}
      seen={figures}
      position={index + 1}
      count={vms.length}
      top={topOf(layout, index)}
      now={isOpen || isStale(figures.vm) ? now : figures.at}
      spark={sparks.get(id)}
      {...{ isOpen, setOpen, canAct, setDetailsHeight }}
    />
  );
}

interface ItemProps extends Pick<VmListProps, 'setOpen' | 'canAct'> {
  /** When its figures arrived, if nothing of them grows old: such a row is not rendered again. */
  readonly now: number;
  readonly seen: Seen;
  readonly position: number;
  readonly count: number;
  readonly top: number;
  readonly spark: Spark | undefined;
  readonly isOpen: boolean;
  readonly setDetailsHeight: (height: number) => void;
}

/** A row at its place, with the details if they are open. */
const Item = memo((props: ItemProps) => {
  const { seen, now, position, count, top, spark, isOpen, setOpen, canAct, setDetailsHeight } =
    props;
  const toggle = (): void => setOpen(isOpen ? undefined : seen.vm.id);
  return (
    <li
      aria-setsize={count}
      aria-posinset={position}
      style={{ transform: `translateY(${String(top)}px)` }}
    >
      <VmRow {...{ seen, now, spark, isOpen, toggle }} />
      {isOpen && <VmDetails {...{ seen, now, canAct }} resized={setDetailsHeight} />}
    </li>
  );
});

/** Returns the indices from first to end, and those of `kept` that exist. */
function shown(first: number, end: number, kept: readonly number[]): readonly number[] {
  const indices = new Set(Array.from({ length: end - first }, (_, i) => first + i));
  for (const index of kept) if (index >= 0) indices.add(index);
  return [...indices].sort((a, b) => a - b);
}
