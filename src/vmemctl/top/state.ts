import { nameOf } from '../names/findVm.ts';
import { hostLabels } from '../names/hostLabels.ts';
import type { Overview, VmGlance } from '../views/answers.ts';

/** What a host has said last, or why it says nothing. */
export interface HostState {
  readonly name: string;
  readonly overview?: Overview;
  /** Why it does not answer now. */
  readonly problem?: string;
}

export const SORTS = ['need', 'used', 'current', 'free', 'swap', 'name'] as const;
export type Sort = (typeof SORTS)[number];

/** What is shown, and how. */
export interface TopState {
  readonly sort: Sort;
  readonly isReversed: boolean;
  readonly filter: string;
  /** Whether keys go to the filter. */
  readonly isTyping: boolean;
  /** The first VM that is shown. */
  readonly offset: number;
  readonly isPaused: boolean;
  readonly hasEnded: boolean;
}

export const firstState: TopState = {
  sort: 'need',
  isReversed: false,
  filter: '',
  isTyping: false,
  offset: 0,
  isPaused: false,
  hasEnded: false,
};

/** How many VMs there are to show, and how many fit on the screen. */
export interface Extent {
  readonly all: number;
  readonly fitting: number;
}

/** Returns the state after a key. */
export function pressed(state: TopState, key: string, extent: Extent): TopState {
  if (key === '\x03') return { ...state, hasEnded: true };
  return state.isTyping ? typed(state, key) : commanded(state, key, extent);
}

function typed(state: TopState, key: string): TopState {
  if (key === '\r' || key === '\n') return { ...state, isTyping: false };
  if (key === '\x1b') return { ...state, isTyping: false, filter: '' };
  if (key === '\x7f' || key === '\b') {
    return { ...state, filter: Array.from(state.filter).slice(0, -1).join('') };
  }
  const isText = !/[\p{Cc}]/u.test(key);
  return isText ? { ...state, filter: state.filter + key, offset: 0 } : state;
}

/** What keys do outside of the filter. */
const COMMANDS: Readonly<Record<string, (state: TopState, extent: Extent) => TopState>> = {
  q: (state) => ({ ...state, hasEnded: true }),
  s: (state) => sorted(state, 1),
  S: (state) => sorted(state, -1),
  r: (state) => ({ ...state, isReversed: !state.isReversed }),
  p: (state) => ({ ...state, isPaused: !state.isPaused }),
  '/': (state) => ({ ...state, isTyping: true, filter: '', offset: 0 }),
  '\x1b': (state) => ({ ...state, filter: '', offset: 0 }),
  k: (state, extent) => moved(state, -1, extent),
  j: (state, extent) => moved(state, 1, extent),
  PageUp: (state, extent) => moved(state, -extent.fitting, extent),
  PageDown: (state, extent) => moved(state, extent.fitting, extent),
  g: (state) => ({ ...state, offset: 0 }),
};

/** Other keys for the same. */
const ALIASES: Readonly<Record<string, string>> = {
  Q: 'q',
  ' ': 'p',
  '\x1b[A': 'k',
  '\x1b[B': 'j',
  '\x1b[C': 's',
  '\x1b[D': 'S',
  '\x1b[5~': 'PageUp',
  '\x1b[6~': 'PageDown',
  '\x1b[H': 'g',
};

function commanded(state: TopState, key: string, extent: Extent): TopState {
  const command = COMMANDS[ALIASES[key] ?? key];
  return command ? command(state, extent) : state;
}

function sorted(state: TopState, by: number): TopState {
  const next = (SORTS.indexOf(state.sort) + by + SORTS.length) % SORTS.length;
  return { ...state, sort: SORTS[next] ?? 'need', offset: 0 };
}

function moved(state: TopState, by: number, { all, fitting }: Extent): TopState {
  const last = Math.max(0, all - fitting);
  return { ...state, offset: Math.min(Math.max(0, state.offset + by), last) };
}

/** A VM and the host that it is on. */
export type Row = VmGlance & { readonly host: string };

/** Returns the VMs of all hosts that are to be shown, in their order. */
export function rowsOf(hosts: readonly HostState[], { sort, isReversed, filter }: TopState): Row[] {
  const wanted = filter.toLowerCase();
  const labels = hostLabels(
    hosts.map(({ name, overview }) => ({ given: name, own: overview?.host.name })),
  );
  const rows = hosts.flatMap(({ name, overview }, index) =>
    (overview?.vms ?? [])
      .filter((vm) => nameOf(vm).toLowerCase().includes(wanted))
      .map((vm) => ({ ...vm, host: labels[index] ?? name })),
  );
  const before = (a: Row, b: Row): number =>
    (sort === 'name' ? 0 : weightOf(b, sort) - weightOf(a, sort)) ||
    nameOf(a).localeCompare(nameOf(b), 'en') ||
    a.host.localeCompare(b.host, 'en');
  const sorted = rows.sort(before);
  return isReversed ? sorted.reverse() : sorted;
}

/** What VMs are sorted by, the largest first; those whose figures are unknown come last. */
const WEIGHTS: Readonly<Record<Exclude<Sort, 'name'>, (vm: VmGlance) => number | undefined>> = {
  used: ({ used_kib: used }) => used,
  current: ({ current_kib: current }) => current,
  free: ({ used_kib: used, current_kib: current }) =>
    used === undefined || current === undefined ? undefined : current - used,
  swap: ({ swap_in_kib_s: read, swap_out_kib_s: written }) =>
    read === undefined || written === undefined ? undefined : read + written,
  need: ({ need_kib: need, used_kib: used, current_kib: current }) =>
    shortage(need ?? used, current),
};

/** Returns the part of its memory that a guest needs: by the policy, or what it uses. */
const shortage = (need: number | undefined, current: number | undefined): number | undefined =>
  need === undefined || current === undefined || current === 0 ? undefined : need / current;

const weightOf = (vm: VmGlance, sort: Exclude<Sort, 'name'>): number => WEIGHTS[sort](vm) ?? -1;

/** Returns an answer with what has changed since, merged into the one before. */
export function merged(before: Overview | undefined, answer: Overview): Overview {
  if (answer.complete || before === undefined) return answer;
  const changed = new Map(answer.vms.map((vm) => [vm.id, vm]));
  const gone = new Set(answer.gone ?? []);
  const kept = before.vms
    .filter(({ id }) => !gone.has(id))
    .map((vm) => {
      const now = changed.get(vm.id) ?? vm;
      changed.delete(vm.id);
      return now;
    });
  return { ...answer, vms: [...kept, ...changed.values()] };
}
