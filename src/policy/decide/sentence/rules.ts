import { formatSize } from '../../../common/formatSize.ts';
import { KiB } from '../../../common/units.ts';
import type { Exemption } from '../round/round.ts';

export type Inputs = Readonly<Partial<Record<string, number>>>;

/** What a rule says of a guest. */
interface Text {
  readonly because: (inputs: Inputs) => string;
  /** Whether the host's memory has to do with it. */
  readonly isOfHost?: boolean;
}

const fixed = (text: string): Text => ({ because: () => text });

/** A text that begins with what the guest uses and needs, if that is known. */
const using = (more: (inputs: Inputs) => string): Text => ({
  because: (inputs) => [useOf(inputs), more(inputs)].filter((part) => part !== '').join(', '),
  isOfHost: true,
});

/** What MoM's rules count as used: page cache is part of it. */
const filled: Text = {
  because: ({ used }) =>
    used !== undefined && used >= 0 ? `it uses ${size(used)}, page cache included` : '',
  isOfHost: true,
};

const exemptions: Readonly<Record<Exemption, Text>> = {
  paused: fixed('it is paused'),
  migrating: fixed('it is migrating'),
  'no-balloon': fixed('it has no balloon that can be moved'),
  disabled: fixed('ballooning is switched off for it'),
  hugepages: fixed('its memory consists of huge pages, which a balloon cannot give back'),
  locked: fixed('its memory is locked, so that a balloon cannot give it back'),
  'assigned-device': fixed('a device of the host is assigned to it, which needs its memory'),
  pinned: {
    because: ({ pinnedSeconds }) =>
      `a client has set its target, which is left alone for ${pinnedSeconds === undefined ? 'a while' : `another ${String(pinnedSeconds)} s`}`,
  },
  busy: fixed('an operation on its memory is under way'),
  'not-answering': fixed('it does not answer the hypervisor, or its QEMU hangs'),
  reserving: fixed('it makes room for a reservation'),
  'not-managed': fixed(
    'it belongs to another program, and nobody has asked for it to be ballooned',
  ),
};

/** Of `adaptive`. */
const adaptive: Readonly<Record<string, Text>> = {
  guarantee: fixed('that is its guarantee'),
  starving: using(() => 'and swaps'),
  need: using(() => ''),
  relief: using(() => ''),
  'host-short': using(() => ''),
  'for-others': using(() => 'and another guest lacks memory'),
  fairness: using(({ part }) =>
    part === undefined ? '' : (
      `has far more than its part of ${size(part)}, and another guest far less`
    ),
  ),
  rest: using(() => ''),
  stuck: {
    because: ({ askedAgainInSeconds }) =>
      `its balloon does not move, and ${
        askedAgainInSeconds === undefined ? 'is asked again later' : (
          `is asked again in ${String(askedAgainInSeconds)} s`
        )
      }`,
  },
  'no-guarantee': fixed('it has no guarantee, and nobody has asked for it to be ballooned'),
  'memory-unknown': fixed('its memory is not known'),
  'guarantee-unknown': fixed('its guarantee is not known'),
  'current-unknown': fixed('the size of its balloon is not known'),
};

/** Of `mom`. */
const mom: Readonly<Record<string, Text>> = {
  shrink: filled,
  grow: filled,
  'no-statistics': fixed('it does not report its memory'),
  'figures-missing': fixed('nothing can be decided for it'),
  'host-figures-missing': fixed('the host does not report its memory'),
};

/** The texts of all rules that decide anything. */
export const rules: Readonly<Partial<Record<string, Text>>> = {
  ...exemptions,
  ...adaptive,
  ...mom,
};

function useOf({ used, need }: Inputs): string {
  if (used === undefined) return '';
  return need === undefined ?
      `it uses ${size(used)}`
    : `it uses ${size(used)} and needs ${size(need)}`;
}

const size = (value: number): string => formatSize(KiB(value));
