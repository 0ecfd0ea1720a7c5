import type { Vm } from '../connection/methods.ts';
import { type Layout, topOf } from './window.ts';

const PREFIX = 'vm-';
/** Rows that come into view exist after a few frames. */
const FRAMES = 10;

/** Returns the VM whose row, or whose details, this element is in. */
export function rowOf(target: EventTarget | null): string | undefined {
  const row = target instanceof Element ? target.closest('li')?.querySelector('.vm-head') : null;
  return row?.id.slice(PREFIX.length);
}

/** Moves the keyboard's focus among the rows: arrow keys, Home and End. */
export function moveFocus(event: KeyboardEvent, vms: readonly Vm[], layout: Layout): void {
  const { target, currentTarget, key } = event;
  if (!(target instanceof Element) || !target.matches('.vm-head')) return;
  const from = vms.findIndex(({ id }) => id === rowOf(target));
  const to = { ArrowDown: from + 1, ArrowUp: from - 1, Home: 0, End: vms.length - 1 }[key];
  const next = to === undefined ? undefined : vms[to];
  if (to === undefined || !next || !(currentTarget instanceof Element)) return;
  event.preventDefault();
  bringIntoView(currentTarget.getBoundingClientRect().top + topOf(layout, to), layout.rowHeight);
  focusWhenThere(PREFIX + next.id, FRAMES);
}

/** Scrolls if a row at this distance from the top of the window is not wholly visible. */
function bringIntoView(top: number, height: number): void {
  if (top >= 0 && top + height <= window.innerHeight) return;
  window.scrollBy({ top: top - window.innerHeight / 2 });
}

function focusWhenThere(id: string, frames: number): void {
  const row = document.getElementById(id);
  if (row) row.focus();
  else if (frames > 0) requestAnimationFrame(() => focusWhenThere(id, frames - 1));
}
