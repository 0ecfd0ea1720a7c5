import type { MemoryDevice } from '../../domain-xml/types.ts';
import type { CallOptions } from '../../host/hypervisor.ts';
import { plugOf } from '../../memory/deviceState.ts';
import { baseOf } from '../../memory/identity.ts';
import { isAwaited, type MemoryChange } from '../../memory/jobs.ts';
import { type Outcome, outcomeOf, removal, WHY_KEPT } from '../../memory/outcome.ts';
import { type KiB, Milliseconds } from '../../common/units.ts';
import { saveProgress } from '../actions/guarantee.ts';
import type { Vm } from '../vm.ts';

/** Takes the news of a device in: memory, target, guarantee and jobs follow, then listeners are told. */
export async function deviceChanged(
  vm: Vm,
  kind: 'device-added' | 'device-removed' | 'device-removal-failed',
  alias: string,
): Promise<void> {
  // Only what the guest was asked for by now is answered.
  const asked = kind === 'device-added' ? [] : openUnplugs(vm, alias);
  await catchUp(vm);
  if (kind === 'device-removal-failed') {
    const size = vm.memoryDevice(alias)?.size;
    // A disk or a network card may stay as well.
    if (size === undefined) return;
    vm.announce({ kind, alias, size });
  }
  // Even where another device has its alias and its place by now, the one asked for is gone.
  await takeAnswer(vm, asked, kind === 'device-removed' ? removal : refusal);
}

/** A change of a job as it was asked for one time. */
interface Attempt {
  readonly id: string;
  readonly change: MemoryChange;
}

const openUnplugs = (vm: Vm, alias: string): readonly Attempt[] =>
  vm.jobs.all.flatMap(({ id, changes }) =>
    changes
      .filter((one) => one.action === 'unplug' && one.alias === alias && isAwaited(one))
      .map((change) => ({ id, change })),
  );

/** Carries on what is still waited for after all else that is known was taken in. */
async function takeAnswer(
  vm: Vm,
  attempts: readonly Attempt[],
  outcome: (change: MemoryChange) => Outcome,
): Promise<void> {
  if (!attempts.some((attempt) => pending(vm, attempt))) return;
  await vm.queue.run((bound) =>
    vm.jobs.tellAfter(async () => {
      for (const attempt of attempts) {
        const change = pending(vm, attempt);
        if (change) vm.jobs.carryOn(attempt.id, change.alias, outcome(change));
      }
      await saveProgress(vm, bound);
    }),
  );
}

/** The change as it stands now, if the guest is still waited for to answer that very attempt. */
function pending(vm: Vm, { id, change }: Attempt): MemoryChange | undefined {
  const now = vm.jobs.changeOf(id, change.alias);
  return now && isAwaited(now) && now.attempts === change.attempts ? now : undefined;
}

const refusal = (): Outcome => ({
  state: 'refused',
  message: `the guest kept the device: ${WHY_KEPT}`,
});

/** Reads the domain again, and tells which devices came and went since that was told last. */
export const catchUp = (vm: Vm): Promise<void> => vm.queue.run((bound) => follow(vm, bound));

/**
 * The same within an operation. Who changes devices does so before the next operation begins, as the event of the
 * change waits for its turn behind all that are asked for already, which may change the same device again.
 */
export const follow = (vm: Vm, bound: CallOptions): Promise<void> =>
  vm.jobs.tellAfter(async () => {
    await readDevices(vm, bound);
    await saveProgress(vm, bound);
  });

/** As {@link follow}, but what is found is left to be written down. */
export async function readDevices(vm: Vm, bound: CallOptions): Promise<void> {
  await vm.refresh(bound);
  const { came, went, grown } = vm.deviceChanges();
  for (const { alias, size } of went) vm.announce({ kind: 'device-removed', alias, size });
  for (const { alias, size } of came) vm.announce({ kind: 'device-added', alias, size });
  const unseen = went.filter((device) => !isUsed(vm, device));
  const lost = sum(went) - sum(unseen);
  vm.jobs.before.allowFor(grown - lost, went.length + came.length > 0);
  if (went.some((device) => isUnverified(vm, device))) vm.jobs.before.compareWith(undefined);
  for (const device of went) withdraw(vm, device);
  noteOutcomes(vm);
}

/** A device that is gone need not be waited for. */
function withdraw(vm: Vm, device: MemoryDevice): void {
  const { job, change } = plugOf(vm.jobs.all, device) ?? {};
  if (!job || change?.state !== 'requested') return;
  const message = 'the device went before the guest was seen to use it';
  vm.jobs.carryOn(job.id, change.alias, { state: 'unverified', message });
}

/** Notes which changes have come to their end by what the domain shows. */
export function noteOutcomes(vm: Vm): void {
  for (const job of vm.jobs.all) {
    for (const change of job.changes) {
      const { action, alias, state, wasThere } = change;
      const device = vm.deviceOf(change);
      if (device && action === 'plug' && state === 'requested' && wasThere !== true) {
        vm.jobs.carryOn(job.id, alias, { wasThere: true, ...baseOf(device) });
      }
      const outcome = outcomeOf(change, device, canTell(vm));
      if (outcome) vm.jobs.carryOn(job.id, alias, outcome);
    }
  }
}

/** A guest that is only starting may tell its memory yet. */
function canTell(vm: Vm): boolean {
  if (vm.jobs.before.total) return true;
  const runs = vm.clock.now() - (vm.startedAt ?? -Infinity);
  return vm.freshness.state === 'never' && runs < STARTING;
}

/** Longer than this no guest needs to start its balloon driver. */
const STARTING = Milliseconds(120_000);

/** Whether the guest is taken to count a device as its memory. */
const isUsed = (vm: Vm, device: MemoryDevice): boolean => {
  const plug = plugOf(vm.jobs.all, device);
  return !plug || !['requested', 'not-online'].includes(plug.change.state);
};

/** Whether nobody knows if the guest counted a device, so that its total means nothing once that is gone. */
const isUnverified = (vm: Vm, device: MemoryDevice): boolean =>
  (plugOf(vm.jobs.all, device)?.change.state ?? 'unverified') === 'unverified';

const sum = (devices: readonly { readonly size: KiB }[]): number =>
  devices.reduce((total, { size }) => total + size, 0);
