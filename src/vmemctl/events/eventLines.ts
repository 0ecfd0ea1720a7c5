import type { Notice, VmEvent } from '../../client/index.ts';
import { printable } from '../output/width.ts';
import { describeEvent } from './describe.ts';

/** Something that a host reported. */
export interface Reported {
  /** When it came, RFC 3339. */
  readonly time: string;
  readonly host: string;
  readonly notice: Notice;
  /** The name of the event's VM, if it is known. */
  readonly vmName?: string | undefined;
}

/** Returns one line of JSON. */
export function jsonLine({ time, host, notice, vmName }: Reported): string {
  const { type, ...facts } = notice;
  if (type !== 'event') return JSON.stringify({ time, host, type, ...facts });
  const { kind, name, vmId, notifyTime, detail } = notice;
  const vm = { vm_id: vmId, vm_name: vmName };
  return JSON.stringify({ time, host, type, kind, name, ...vm, notify_time: notifyTime, detail });
}

/** Returns one line for people; `isOne`: all lines are of one host. */
export function textLine(reported: Reported, isOne: boolean): string {
  const { time, host, notice, vmName } = reported;
  const where = isOne ? '' : `${host} `;
  return printable(`${time} ${where}${wordsOf(notice, vmName)}`);
}

function wordsOf(notice: Notice, vmName: string | undefined): string {
  switch (notice.type) {
    case 'lost':
      return `connection lost (${notice.reason}), trying again`;
    case 'resumed':
      return `connected again to ${notice.where}; events in between are lost`;
    case 'event':
      return `${nameOf(notice, vmName)} ${describeEvent(notice)}`;
  }
}

const nameOf = ({ vmId }: VmEvent, name: string | undefined): string =>
  name === undefined || name === '' ? vmId : name;
