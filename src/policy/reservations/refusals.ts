import { type ErrorData, VdsmError } from '../../common/errors.ts';
import { formatSize } from '../../common/formatSize.ts';
import { KiB } from '../../common/units.ts';
import type { Failure, Keeping, Unyielding } from './plan/failure.ts';

/** More VMs than these are only counted in a message; all are in the error's data. */
const MOST_NAMED = 5;

/** Reasons as words that follow the name of a VM. */
const WORDS: Readonly<Record<string, string>> = {
  stuck: 'has a balloon that does not move',
  slow: 'has a balloon that is too slow',
  guarantee: 'is at its guarantee',
  used: 'uses what it has',
  untouched: 'has not touched more than it keeps',
  'statistics-missing': 'does not report its memory',
  'statistics-stale': 'has stopped to report its memory',
  paused: 'is paused',
  busy: 'has an operation on its memory under way',
  'not-answering': 'does not answer',
  migrating: 'migrates',
  'no-balloon': 'has no balloon',
  disabled: 'is not to be ballooned',
  hugepages: 'has huge pages',
  locked: 'has locked memory',
  'assigned-device': 'has a device of the host',
  pinned: 'has a target that a client has just set',
  'not-managed': 'belongs to another program',
  'no-answer': 'does not answer',
  'memory-unknown': 'has a memory that is not known',
  'no-guarantee': 'has no guarantee',
  'guarantee-unknown': 'has a guarantee that is not known',
  'current-unknown': 'has a balloon whose size is not known',
};

/** Returns a reason as words that follow the name of a VM. */
export const wordsFor = (reason: string): string => WORDS[reason] ?? `cannot be asked: ${reason}`;

/** Returns the error for memory that guests did not free. `freed`: what they did, by the host's figures. */
export function notFreed(
  failure: Failure,
  { amount, freed, nameOf }: { amount: KiB; freed: KiB; nameOf: (id: string) => string },
): VdsmError {
  const { unyielding, keeping, isLate, possible } = failure;
  const missing = KiB(Math.ceil(failure.missing));
  const others = [...unyielding, ...keeping];
  const named = others.slice(0, MOST_NAMED).map((one) => sentence(one, nameOf(one.name)));
  const more = others.length - named.length;
  const list = [...named, ...(more > 0 ? [`${String(more)} more VMs give nothing either`] : [])];
  const rest = KiB(Math.floor(possible));
  const spared = rest > 0 ? `VMs can spare ${formatSize(rest)}` : 'no VM has memory to spare';
  const why = [spared, ...list].join(', ');
  const remedy =
    isLate ? 'give more time, or reserve less'
    : unyielding.length > 0 ? 'restart the balloon drivers of these guests, or reserve less'
    : 'reserve less, or stop a VM';
  return new VdsmError(
    'NotEnoughResources',
    `${formatSize(missing)} of ${formatSize(amount)} are missing${isLate ? ' after the deadline' : ''}, ${formatSize(freed)} were freed: ${why}; ${remedy}`,
    { data: dataOf({ freed, missing, unyielding, keeping, nameOf }) },
  );
}

/** Returns the error for memory that the host does not have beside what is promised. */
export function notPromised(
  amount: KiB,
  {
    left,
    limit,
    guaranteed,
    reserved,
  }: { left: number; limit: KiB; guaranteed: KiB; reserved: KiB },
): VdsmError {
  const missing = KiB(amount - Math.max(0, left));
  return new VdsmError(
    'NotEnoughResources',
    `${formatSize(amount)} cannot be promised: of ${formatSize(limit)} for guests, ${formatSize(guaranteed)} are guaranteed to VMs and ${formatSize(reserved)} reserved; reserve less, lower guarantees, or release a reservation`,
    { data: { freed_kib: KiB(0), missing_kib: missing, unyielding: [] } },
  );
}

const sentence = ({ reason }: Unyielding | Keeping, name: string): string =>
  `${name} ${wordsFor(reason)}`;

function dataOf({
  freed,
  missing,
  unyielding,
  keeping,
  nameOf,
}: {
  freed: KiB;
  missing: KiB;
  unyielding: readonly Unyielding[];
  keeping: readonly Keeping[];
  nameOf: (id: string) => string;
}): ErrorData {
  return {
    freed_kib: freed,
    missing_kib: missing,
    unyielding: [
      ...unyielding.map(({ name, reason, asked, current }) => ({
        vmID: name,
        vmName: nameOf(name),
        reason,
        asked_kib: KiB(asked),
        current_kib: KiB(current),
      })),
      ...keeping.map(({ name, reason }) => ({ vmID: name, vmName: nameOf(name), reason })),
    ],
  };
}

/** In MiB, rounded up, so that nothing missing reads as 0. */
