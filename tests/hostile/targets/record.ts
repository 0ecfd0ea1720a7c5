import { isDeepStrictEqual } from 'node:util';
import { StoredBalloonStory } from '../../../schema/storedBalloonStory.ts';
import { StoredMemoryJobs } from '../../../schema/storedMemoryJobs.ts';
import { StoredMemoryRecord } from '../../../schema/storedMemoryRecord.ts';
import { MiB } from '../../../src/common/units.ts';
import type { Content } from '../../../src/vm/record/content.ts';
import { MemoryRecord } from '../../../src/vm/record/memoryRecord.ts';
import { merge } from '../../../src/vm/record/merge.ts';
import { isNewer, parse, serialize, textOf } from '../../../src/vm/record/stored.ts';
import { parseStory } from '../../../src/vm/record/storedStory.ts';
import { VirtualClock } from '../../support/virtualClock.ts';
import type { Random } from '../random.ts';
import { someDocument } from '../schemaValues.ts';
import { inProcess, type Verdict } from '../target.ts';

const someRecord = (random: Random): string =>
  someDocument(
    random,
    random.pick([StoredMemoryRecord, StoredMemoryRecord, StoredMemoryJobs, StoredBalloonStory]),
  );

/** The record of a VM's memory operations: read and written back, merged with another's in any order, and continued. */
export const record = inProcess<readonly [string, string]>(
  'record',
  40,
  (random) => [someRecord(random), someRecord(random)],
  ([one, other]) => written(one) ?? merged(one, other) ?? continued(one, other),
);

function written(text: string): Verdict {
  parseStory(text);
  const stored = parse(text);
  if (stored === undefined) return undefined;
  if (isNewer(text)) return 'a record of a later version is read';
  const again = parse(serialize(textOf(stored), stored));
  if (again === undefined) return 'what is written is not read back';
  return textOf(again) === textOf(stored) ? undefined : 'what is written is read otherwise';
}

function merged(text: string, others: string): Verdict {
  const [one, other] = [contentOf(text), contentOf(others)];
  if (!one || !other) return undefined;
  const both = merge(one, other);
  if (textOf(merge(other, one)) !== textOf(both)) return 'the order of two records matters';
  if (textOf(merge(both, other)) !== textOf(both)) return 'merging twice gives something else';
  const ids = new Set(both.operations.map(({ id }) => id));
  const lost = [...one.operations, ...other.operations].find(({ id }) => !ids.has(id));
  return lost && `the operation ${lost.id} is lost`;
}

/** Returns the content of a record in which each operation is once. */
function contentOf(text: string): Content | undefined {
  const stored = parse(text);
  const ids = stored?.operations.map(({ id }) => id) ?? [];
  return new Set(ids).size === ids.length ? stored : undefined;
}

function continued(text: string, others: string): Verdict {
  const kept = new MemoryRecord({
    clock: new VirtualClock(),
    writer: 'me',
    memory: () => MiB(1024),
    onChange: () => undefined,
  });
  kept.resume(text);
  const before = kept.operations;
  if (!isDeepStrictEqual(before, parse(text)?.operations ?? []))
    return 'it continues with other operations';
  kept.reconcile(others);
  kept.begin({ action: 'unplug', flowId: 'flow' }, () => [
    { kind: 'unplug', alias: 'dimm0', size: 1024 as never },
  ]);
  kept.prune(new Set(['dimm0']));
  const next = kept.next();
  if (parse(next) === undefined) return 'the record that is written next cannot be read';
  kept.written();
  if (kept.reconcile(next) !== undefined)
    return 'its own text is taken for that of another program';
  kept.countBoot();
  kept.endAll('over');
  return kept.openSteps.length === 0 ? undefined : 'a step is open after all have ended';
}
