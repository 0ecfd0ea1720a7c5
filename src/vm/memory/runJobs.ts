import { pause } from '../../common/clock.ts';
import { carriedTarget } from '../../memory/balloon.ts';
import { type Balloon, type MemoryChange, stateOf } from '../../memory/jobs.ts';
import { armDeadline, ask, askAgain, logFailure, RETRY } from './askGuest.ts';
import { deflate, setBalloonTarget } from '../actions/setBalloon.ts';
import { follow } from './devices.ts';
import { settleNextRun } from './nextRun.ts';
import { saveJobs } from '../record/savedJobs.ts';
import type { Vm } from '../vm.ts';

/** Carries on what was under way when vmemd was last there; nobody knows what the guest answered meanwhile. */
export function resumeJobs(vm: Vm): void {
  for (const { id, changes, deflated, nextRunBefore } of vm.jobs.all) {
    for (const { action, alias, state, wasThere } of changes) {
      if (state !== 'requested') continue;
      if (action === 'plug' && wasThere === true) armDeadline(vm, id, alias);
      else resume(vm, id, alias);
    }
    if (deflated || changes.some(isQueued)) void runJob(vm, id);
    if (nextRunBefore) oweNothing(vm, id);
  }
}

/** Tells the next run what it was not told before the restart. */
function oweNothing(vm: Vm, id: string): void {
  vm.queue
    .run(async (bound) => {
      const { warnings } = await settleNextRun(vm, id, bound);
      for (const warning of warnings) vm.log.warn({ vmId: vm.id }, warning);
      await saveJobs(vm, bound);
    })
    .catch((error: unknown) => {
      vm.log.warn({ vmId: vm.id, err: error }, 'a memory job could not be written down');
    });
}

function resume(vm: Vm, id: string, alias: string): void {
  vm.queue
    .run(async (bound) => {
      await follow(vm, bound);
      await askAgain(vm, id, alias, bound);
    })
    .catch((error: unknown) => {
      logFailure(vm, alias)(error);
      armDeadline(vm, id, alias);
    });
}

/** Asks for all changes of a job that are queued; a balloon that is to be deflated meanwhile holds nothing until its end. */
export async function runJob(vm: Vm, id: string): Promise<void> {
  const { deflated, changes } = vm.jobs.get(id) ?? {};
  if (deflated && changes?.some(isQueued)) await deflate(vm);
  await askQueued(vm, id);
  if (!deflated) return;
  const ended = await vm.jobs.ended(id);
  // Where vmemd ends before it does, that is for the next one to do.
  if (ended && stateOf(ended) !== 'running') await inflateAgain(vm, id, deflated);
}

/** Gives the balloon its target back, less what is gone, unless a client has set one meanwhile. */
async function inflateAgain(vm: Vm, id: string, { target, memory }: Balloon): Promise<void> {
  while (vm.isAlive && vm.jobs.get(id)?.deflated) {
    try {
      await setBalloonTarget(vm, carriedTarget(target, memory, vm));
      // Also where there is no balloon.
      vm.jobs.settle('deflated', [id]);
    } catch (error) {
      vm.log.warn({ vmId: vm.id, err: error }, 'the balloon stays deflated for now');
      await pause(vm.clock, RETRY);
    }
  }
}

/** One after another, each in its turn on the VM. */
async function askQueued(vm: Vm, id: string): Promise<void> {
  for (;;) {
    const next = vm.jobs.get(id)?.changes.find(isQueued);
    if (!next || !vm.isAlive) return;
    await vm.queue.run((bound) => ask(vm, id, next.alias, bound)).catch(logFailure(vm, next.alias));
    const now = vm.jobs.changeOf(id, next.alias);
    if (now?.state === 'queued') await pause(vm.clock, RETRY);
  }
}

const isQueued = ({ state }: MemoryChange): boolean => state === 'queued';
