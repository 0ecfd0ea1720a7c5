import type { Result } from '../../client/index.ts';
import { formatDuration, secondsSince } from '../output/duration.ts';
import type { Look } from '../output/look.ts';
import { cut, printable } from '../output/width.ts';

type Entry = Result<'VM.getAuditTrail'>['entries'][number];

/** Returns who changed a VM, newest first, a line each; `now` is in milliseconds since 1970. */
export function auditLines(entries: readonly Entry[], { look, now }: { look: Look; now: number }) {
  const { columns, unicode, style } = look;
  return entries.map((entry) => {
    const { time, summary } = entry;
    const age = formatDuration(secondsSince(time, now));
    const what = `${entry.verb} ${paramsOf(entry)}`.trimEnd();
    const text = printable(`${age} ago  ${whoOf(entry)}  ${what}: ${summary}`);
    return style('dim', `  ${cut(text, (columns ?? Infinity) - 2, { mark: unicode ? '…' : '~' })}`);
  });
}

/** Returns the params of a request as `name=value`, without the VM's id. */
function paramsOf({ params }: Entry): string {
  if (typeof params !== 'object' || params === null) return '';
  return Object.entries(params)
    .filter(([name]) => name !== 'vmID')
    .map(([name, value]) => `${name}=${typeof value === 'string' ? value : JSON.stringify(value)}`)
    .join(' ');
}

const whoOf = ({ user, certificate, address }: Entry): string => user ?? certificate ?? address;
