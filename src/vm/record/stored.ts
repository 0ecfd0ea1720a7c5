import { StoredMemoryJobs } from '../../../schema/storedMemoryJobs.ts';
import { StoredMemoryRecord } from '../../../schema/storedMemoryRecord.ts';
import { isLaterFormat } from '../../common/formatVersion.ts';
import { omitUndefined } from '../../common/omitUndefined.ts';
import { validator } from '../../common/validate.ts';
import type { Operation } from '../../memory/operation.ts';
import { prunedTo } from '../../memory/prune.ts';
import { canonicalText } from './canonicalText.ts';
import type { Content, Stored } from './content.ts';
import { fromJobs, type StoredJobs } from './storedJobs.ts';

/** A record is not written longer than this, in characters, unless unfinished operations need more. */
const LONGEST = 48 * 1024;

const VERSION = 2;
const isRecord = validator<Stored & { readonly version: typeof VERSION }>(StoredMemoryRecord);
const isJobs = validator<StoredJobs>(StoredMemoryJobs);

/** Reads a record, also of the format before version 2; undefined for text that is neither. */
export function parse(text: string): Stored | undefined {
  const value = json(text);
  if (isRecord()(value)) return withoutRepeated(value);
  return isJobs()(value) ? withoutRepeated(fromJobs(value)) : undefined;
}

/** Operations are named by their ids: of several with one id, the first counts. */
function withoutRepeated<R extends Stored>(record: R): R {
  const byId = new Map(record.operations.toReversed().map((one) => [one.id, one]));
  if (byId.size === record.operations.length) return record;
  return { ...record, operations: record.operations.filter((one) => byId.get(one.id) === one) };
}

/** Returns whether a later vmemd wrote the text, in a format that this one does not know and must not replace. */
export function isNewer(text: string): boolean {
  return isLaterFormat(json(text), VERSION);
}

function json(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    // Another program wrote it.
    return undefined;
  }
}

/** The content as text, shortened by the oldest ended operations where it is too long. */
export function textOf({ boot, startedAt, reportsSince, operations, baseline }: Content): string {
  const write = (kept: readonly Operation[]): string =>
    canonicalText(omitUndefined({ boot, startedAt, reportsSince, operations: kept, baseline }));
  return write(prunedTo(operations, (kept) => write(kept).length <= LONGEST));
}

/** A record as text that {@link parse} reads, of a content as {@link textOf} writes it. */
export const serialize = (
  content: string,
  { revision, writer }: Pick<Stored, 'revision' | 'writer'>,
): string =>
  `${JSON.stringify({ version: VERSION, revision, writer }).slice(0, -1)},${content.slice(1)}`;
