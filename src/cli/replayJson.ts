import { snakeCase } from '../policy/decide/lines/names.ts';
import type { Difference, SideSummary, Summary, VmSummary } from '../policy/replay/comparison.ts';

/** Returns a difference as a line of JSON. */
export const differenceJson = (
  { time, name, label, guest, decisions }: Difference,
  titles: readonly [string, string],
): string =>
  JSON.stringify({
    time,
    name,
    ...(label !== name && { vm_name: label }),
    balloon_cur: guest.current,
    decisions: decisions.map((decision, index) => ({
      policy: titles[index],
      ...(decision && { target: decision.target, ...decision.reason, inputs: undefined }),
    })),
  });

/** Returns the summary as a line of JSON. */
export const summaryJson = ({ sides, ...totals }: Summary): string =>
  JSON.stringify({ summary: { ...snaked(totals), policies: sides.map(sideOf) } });

const sideOf = ({ title, vms }: SideSummary) => ({ policy: title, vms: vms.map(vmOf) });

const vmOf = ({ name, label, position, targets, taken, given, turns, hours }: VmSummary) => ({
  name,
  ...(label !== name && { vm_name: label }),
  targets,
  taken,
  given,
  turns,
  hours,
  ...(targets > 0 && { last_target: position }),
});

const snaked = (fields: object): object =>
  Object.fromEntries(Object.entries(fields).map(([name, value]) => [snakeCase(name), value]));
