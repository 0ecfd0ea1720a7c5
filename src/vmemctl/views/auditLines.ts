import type { Result } from '../../client/index.ts';
import { formatDuration, secondsSince } from '../output/duration.ts';
import type { Look } from '../output/look.ts';
import { cut, printable } from '../output/width.ts';

type Entry = Result<'VM.getAuditTrail'>['entries'][number];

/** Returns who changed a VM, newest first, a line each; `now` is in milliseconds since 1970. */
export function auditLines(entries: readonly Entry[], { look, now }: { look: Look; now: number }) {
  const { columns, unicode, style } = look;
  const ages = entries.map(({ time }) => `${formatDuration(secondsSince(time, now))} ago`);
  const longest = Math.max(0, ...ages.map(({ length }) => length));
  return entries.map((entry, index) => {
    const { summary } = entry;
    const age = ages[index]?.padStart(longest) ?? '';
    const what = `${entry.verb} ${paramsOf(entry)}`.trimEnd();
    const text = printable(`${age}  ${whoOf(entry)}  ${what}: ${summary}`);
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
