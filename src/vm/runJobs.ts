import { carriedTarget } from '../memory/balloon.ts';
import type { MemoryChange } from '../memory/jobs.ts';
import { armDeadline, ask, RETRY } from './askGuest.ts';
import { deflate, setBalloonTarget } from './balloon.ts';
import type { Vm } from './vm.ts';

/** Carries on what was under way when vmemd was last there; nobody knows what the guest answered meanwhile. */
export function resumeJobs(vm: Vm): void {
  for (const { id, changes } of vm.jobs) {
    for (const { action, alias, state, wasThere } of changes) {
      if (state !== 'requested') continue;
      if (action === 'plug' && wasThere === true) armDeadline(vm, id, alias);
      else askAgain(vm, id, alias);
    }
    if (changes.some(({ state }) => state === 'queued')) void runJob(vm, id);
  }
}

function askAgain(vm: Vm, id: string, alias: string): void {
  vm.lane
    .run((bound) => ask(vm, id, alias, bound))
    .catch((error: unknown) => {
      vm.log.debug({ vmId: vm.id, alias, err: error }, 'a change of memory failed');
      armDeadline(vm, id, alias);
    });
}

/**
 * Asks for all changes of a job that are queued. If the balloon is to be deflated before, it gets back to what it was
 * to leave, less what is gone, when the job has ended.
 */
export async function runJob(vm: Vm, id: string): Promise<void> {
  const { deflates, changes } = vm.jobs.get(id) ?? {};
  if (deflates !== true || !changes?.some(isQueuedUnplug)) {
    await askQueued(vm, id);
    return;
  }
  const { balloonTarget, memory } = vm;
  await deflate(vm);
  await askQueued(vm, id);
  await vm.jobs.ended(id);
  const isOurs = vm.balloonTarget === vm.memory && balloonTarget < memory;
  if (!isOurs || !vm.isAlive) return;
  await setBalloonTarget(vm, carriedTarget(balloonTarget, memory, vm)).catch((error: unknown) => {
    vm.log.warn({ vmId: vm.id, err: error }, 'the balloon stays deflated');
  });
}

/** One after another, each in its turn on the VM. */
async function askQueued(vm: Vm, id: string): Promise<void> {
  for (;;) {
    const next = vm.jobs.get(id)?.changes.find(({ state }) => state === 'queued');
    if (!next || !vm.isAlive) return;
    await vm.lane
      .run((bound) => ask(vm, id, next.alias, bound))
      .catch((error: unknown) => {
        vm.log.debug({ vmId: vm.id, alias: next.alias, err: error }, 'a change of memory failed');
      });
    const now = vm.jobs.changeOf(id, next.alias);
    if (now?.state === 'queued') await new Promise<void>((go) => vm.clock.after(RETRY, go));
  }
}

const isQueuedUnplug = ({ action, state }: MemoryChange): boolean =>
  action === 'unplug' && state === 'queued';
