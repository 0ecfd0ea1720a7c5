import { formatSize } from '../../../common/formatSize.ts';
import { KiB } from '../../../common/units.ts';
import type { Inputs } from './rules.ts';

type Limit = (inputs: Inputs, isAsked: boolean) => string;

const fixed =
  (text: string): Limit =>
  () =>
    text;

/** What limits a target, by the bound, or by rule and bound where it says something of its own. */
export const limits: Readonly<Partial<Record<string, Limit>>> = {
  step: fixed('no more at once'),
  guarantee: fixed('its guarantee is the limit'),
  memory: (_, isAsked) => (isAsked ? 'that is all of its memory' : 'it has all of its memory'),
  used: fixed('it is not asked for what it uses'),
  'freed-memory': fixed('more follows when the host has it'),
  'asked-already': fixed('it has been sent there already'),
  'on-its-way': fixed('its balloon is still moving'),
  'host-memory': fixed('what it lacks cannot be given now'),
  'dead-band': fixed('a change would be too small to be worth it'),
  'shrink/dead-band': fixed('it has nothing to give, or too little to be worth it'),
  'rest/dead-band': ({ need = 0, current = 0 }) =>
    `the ${formatSize(KiB(Math.max(0, need - current)))} that it lacks are too little to be worth a change`,
  'statistics-missing': fixed('it does not report its memory, so that nothing is taken'),
  'statistics-stale': fixed('its last report is too old, so that nothing is taken'),
  'guest-free': fixed('that leaves it its free share'),
  balloon_cur: fixed('its balloon_cur is not known'),
  balloon_min: fixed('its balloon_min is not known'),
  balloon_max: fixed('its balloon_max is not known'),
  mem_unused: fixed('its mem_unused is not known'),
};
