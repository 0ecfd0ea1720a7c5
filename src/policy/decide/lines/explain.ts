import type { Decision } from '../round/round.ts';

const RULES: Readonly<Record<string, string>> = {
  guarantee: 'it has less than its guarantee',
  starving: 'it swaps or is about to, and lacks memory',
  need: 'it has less than it needs',
  relief: 'the host has memory to spare',
  'host-short': 'the host has less memory than its goal, and the guest more than it needs',
  'for-others': 'another guest lacks memory, and this one has more than it needs',
  fairness: 'it has far more than its part, and another far less',
  rest: 'nothing has to change',
  shrink: 'the host has too little free memory',
  grow: 'the host has enough free memory',
  stuck: 'its balloon does not move; it is asked again later',
  'no-guarantee': 'it has no guarantee, and nobody has asked for it to be ballooned',
  'no-statistics': 'it does not report its memory',
  paused: 'it is paused',
  migrating: 'it is being migrated',
  'no-balloon': 'it has no balloon',
  disabled: 'ballooning is off for it',
  hugepages: 'its memory is in huge pages, which a balloon does not free',
  locked: 'its memory is locked, which a balloon does not free',
  'assigned-device': 'a device of the host uses its memory, which a balloon does not free',
  pinned: 'a client has set its target a short time ago',
  'not-managed': 'nobody has asked for it to be ballooned',
  busy: 'a request to change its memory is under way',
  'not-answering': 'the hypervisor does not answer for it',
  'figures-missing': 'a figure is missing without which it cannot be decided',
  'host-figures-missing': 'the host does not report its memory',
};

const BOUNDS: Readonly<Record<string, string>> = {
  step: 'one step a round',
  guarantee: 'its guarantee',
  memory: 'its memory',
  used: 'what it uses',
  'freed-memory': 'what others have freed so far',
  'guest-free': 'the free memory that it keeps',
  'dead-band': 'a change too small to be worth it',
  'asked-already': 'the balloon has been sent there already',
  'statistics-missing': 'it does not report its memory, so that nothing is taken',
  'statistics-stale': 'its report is too old, so that nothing is taken',
};

/** Returns a decision and its reason as a sentence for people. */
export function explained({ name, target, reason }: Decision): string {
  const { rule, bound, inputs } = reason;
  const now = inputs.current === undefined ? '' : ` of ${String(inputs.current)} KiB`;
  const what =
    target === undefined ?
      `${name} is left as it is`
    : `${name} is sent to ${String(target)} KiB instead${now}`;
  const limit = bound === undefined ? '' : `; limit: ${BOUNDS[bound] ?? bound}`;
  return `${what}: ${RULES[rule] ?? rule}${limit}.`;
}
