import { compared, paired, row, type Row } from '../row.ts';
import type { Procedures, Sight, Turn } from './turn.ts';

const SHARE = 'without the libvirt call that makes the change; includes setting a guarantee';
const SIGHT = 'the guest reports once a second and is sampled once a second';
const BARE = 'bare client';

/** The times of a plug, and vmemd's part of them. */
export function plugRows(ours: readonly Turn[], theirs: readonly Turn[]): readonly Row[] {
  const answers = (turns: readonly Turn[]) => turns.map(({ plugged }) => plugged);
  const shares = ours.map(({ plugged, plug }) => plugged - plug.change.ms);
  const others = ours.map(({ plug: { all, change } }) => all.ms - change.ms);
  return [
    compared('plug → answer', 'ms', paired(answers(ours), answers(theirs)), BARE),
    sharedWith('plug → answer, our share', shares, answers(theirs)),
    row('calls to libvirt for a plug but the attach', 'ms', others),
  ];
}

/** Our share of a time, beside the whole time of the bare client. */
const sharedWith = (name: string, ours: readonly number[], theirs: readonly number[]): Row => ({
  ...compared(name, 'ms', paired(ours, theirs), `${BARE}, in all`),
  note: SHARE,
});

/** How long a plug takes until the guest uses its memory. */
export function sightRows(seen: readonly Sight[]): readonly Row[] {
  return [
    row(
      'plug → guest online',
      'ms',
      seen.map(({ online }) => online),
      SIGHT,
    ),
    row(
      'plug → guest reports to libvirt',
      'ms',
      seen.map(({ grown }) => grown),
    ),
  ];
}

/** The times of an unplug, and vmemd's part of them. */
export function unplugRows(ours: readonly Turn[], theirs: readonly Turn[]): readonly Row[] {
  const events = ours.map(({ goneByVmemd }) => goneByVmemd);
  const answers = ours.map(({ unplugged }) => unplugged);
  const bareEvents = theirs.map(({ gone }) => gone);
  const bareAnswers = theirs.map(({ unplugged }) => unplugged);
  const share = (times: readonly number[]) =>
    times.map((time, i) => time - (ours[i]?.unplug.change.ms ?? NaN));
  const delays = ours.map(({ goneByVmemd, gone }) => goneByVmemd - gone);
  const others = ours.map(({ unplug: { all, change } }) => all.ms - change.ms);
  return [
    compared('unplug → event', 'ms', paired(events, bareEvents), BARE),
    sharedWith('unplug → event, our share', share(events), bareEvents),
    row('unplug → event, after libvirt’s own', 'ms', delays),
    compared('unplug → answer', 'ms', paired(answers, bareAnswers), BARE),
    sharedWith('unplug → answer, our share', share(answers), bareAnswers),
    row('calls to libvirt for an unplug but the detach', 'ms', others),
  ];
}

/** The numbers of calls, which are named in the order of the last turn. */
export function callRows(turns: readonly Procedures[]): readonly Row[] {
  const counted = (name: string, part: keyof Procedures): Row => {
    const counts = turns.map((one) => one[part].length);
    return row(name, 'calls', counts, turns.at(-1)?.[part].join(', '));
  };
  return [
    counted('calls to libvirt before the answer to a plug', 'beforePlugAnswer'),
    counted('calls to libvirt for a plug', 'plug'),
    counted('calls to libvirt before the event of an unplug', 'beforeUnplugEvent'),
    counted('calls to libvirt before the answer to an unplug', 'beforeUnplugAnswer'),
    counted('calls to libvirt for an unplug', 'unplug'),
  ];
}
