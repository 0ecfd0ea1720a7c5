import { StoredBalloonStory } from './storedBalloonStory.ts';
import { array, integer, KiB, MiB, object, text, time } from './types.ts';

const yes = { const: true } as const;

const progress = {
  state: {
    enum: ['queued', 'sent', 'timed-out', 'done', 'refused', 'failed', 'superseded'],
  },
  attempts: integer,
} as const;
const marks = { sentAt: time, boot: integer, late: yes, message: text } as const;

const Plug = object(
  { kind: { const: 'plug' }, size: KiB, node: integer, ...progress },
  {
    ...marks,
    alias: text,
    base: text,
    before: array(text),
    isPresent: yes,
    isUnverified: yes,
    usedInBoot: integer,
  },
);
const Unplug = object(
  { kind: { const: 'unplug' }, alias: text, size: KiB, ...progress },
  { ...marks, base: text, repeats: yes },
);
const Resize = object(
  { kind: { const: 'resize' }, alias: text, size: KiB, ...progress },
  { ...marks, repeats: yes },
);
const Balloon = object(
  {
    kind: { const: 'balloon' },
    when: { enum: ['now', 'all-ended'] },
    target: KiB,
    memory: KiB,
    ...progress,
  },
  { ...marks, story: StoredBalloonStory, previous: KiB, previousStory: StoredBalloonStory },
);
const Guarantee = object(
  {
    kind: { const: 'guarantee' },
    when: { enum: ['now', 'first-done'] },
    guaranteed: MiB,
    ...progress,
  },
  { ...marks, isForThisRun: yes },
);
const NextRun = object(
  {
    kind: { const: 'next-run' },
    memory: MiB,
    before: array(object({}, { memory: MiB, guaranteed: MiB })),
    ...progress,
  },
  { ...marks, guaranteed: MiB },
);

const StatsPeriod = object(
  { kind: { const: 'stats-period' }, period: { ...integer, format: 'Seconds' }, ...progress },
  marks,
);

const Operation = object(
  {
    id: text,
    action: { enum: ['plug', 'unplug', 'set-memory', 'guarantee', 'balloon', 'stats-period'] },
    flowId: text,
    startedAt: time,
    steps: array({ anyOf: [Plug, Unplug, Resize, Balloon, Guarantee, NextRun, StatsPeriod] }),
  },
  { writer: text, endedAt: time, requested: MiB, expected: MiB, reached: MiB, guaranteed: MiB },
);

/** The record of a VM's memory operations in the domain's metadata, as JSON. */
export const StoredMemoryRecord = object(
  {
    version: { const: 2 },
    revision: integer,
    writer: text,
    boot: integer,
    operations: array(Operation),
  },
  {
    startedAt: time,
    reportsSince: time,
    baseline: object({ available: KiB, held: KiB }),
  },
);
