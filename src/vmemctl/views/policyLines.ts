import type { Result } from '../../client/index.ts';
import type { Look } from '../output/look.ts';
import { pad, printable, widthOf, wrap } from '../output/width.ts';
import { formatSize } from '../sizes/formatSize.ts';
import type { KiB } from '../../common/units.ts';

type Explanation = Result<'Host.explainPolicy'>;
type Explained = Explanation['vms'][number];
type Settings = Pick<Explanation['policy'], 'mode' | 'algorithm' | 'by' | 'not_acting_because'>;

const MODES = {
  off: 'the policy is off',
  observe: 'the policy observes: it decides and reports, and changes no VM',
  act: 'the policy acts: it sets balloon targets',
};

/** Returns how the policy runs. */
export function settingsLines(settings: Settings, look: Look): string[] {
  const { mode, algorithm, by, not_acting_because: why } = settings;
  const head = `${MODES[mode]} (${algorithm}, by ${by})`;
  const lines = wrap(head, look.columns).map((line) => look.style('bold', line));
  return why === undefined ? lines : [...lines, ...wrap(`! ${printable(why)}`, look.columns)];
}

/** Returns how the policy runs, how the host stands, and the parameters. */
export function policyLines({ policy, host }: Explanation, look: Look): string[] {
  const parameters = Object.entries(policy.parameters).map(
    ([name, value]) => `${name}=${String(value)}`,
  );
  return [
    ...settingsLines(policy, look),
    ...wrap(printable(host.sentence), look.columns),
    '',
    ...wrap(`parameters: ${printable(parameters.join(' '))}`, look.columns),
  ];
}

interface Detail {
  readonly look: Look;
  /** Whether the figures follow the sentence. */
  readonly isDetailed: boolean;
}

/** Returns what each VM gets and why, a sentence each. */
export function explanationLines(answer: Explanation, { look, isDetailed }: Detail): string[] {
  const { policy, host, vms, round } = answer;
  const aborted = round.mom_aborts === undefined ? [] : [`! ${printable(round.mom_aborts)}`];
  return [
    ...settingsLines(policy, look),
    ...wrap(printable(host.sentence), look.columns),
    ...aborted,
    ...vms.flatMap((vm) => [
      '',
      ...wrap(printable(vm.sentence), look.columns),
      ...(isDetailed ? figures(vm, look) : []),
    ]),
    ...(vms.length === 0 ? ['', 'no VM runs'] : []),
  ];
}

/** Returns the numbers behind a sentence, one a line. */
function figures(vm: Explained, look: Look): string[] {
  const { asked, rule, bound, need_because: why } = vm;
  // what is 0 has no part in the decision
  const size = (value: KiB | undefined): string => (value ? formatSize(value) : '');
  const rows: readonly (readonly [label: string, value: string])[] = [
    ['rule', bound === undefined ? rule : `${rule}, limited by ${bound}`],
    ['current', size(vm.current_kib)],
    ['target', size(vm.target_kib)],
    ['used', size(vm.used_kib)],
    ['missing', size(vm.missing_kib)],
    ['warm', size(vm.warm_kib)],
    ['free', size(vm.free_kib)],
    ['needed', `${size(vm.need_kib)}${why === undefined ? '' : `: ${why}`}`],
    ['floor', size(vm.floor_kib)],
    ['part', size(vm.part_kib)],
    [
      'asked',
      asked ?
        `${size(asked.target_kib)}: ${asked.outcome}${asked.reason === undefined ? '' : `, ${asked.reason}`}`
      : '',
    ],
  ];
  const known = rows.filter(([, value]) => value !== '');
  const width = Math.max(...known.map(([label]) => widthOf(label)));
  return known.map(
    ([label, value]) => `  ${look.style('dim', pad(label, width))}  ${printable(value)}`,
  );
}
