import { setTimeout as pause } from 'node:timers/promises';
import { CallFailedError, type Client } from '../../src/client/index.ts';
import { createVm } from './model/changes.ts';
import type { Model } from './model/model.ts';
import type { SoakReport } from './report.ts';

/** VMs that are created at a time. */
const AT_ONCE = 20;
const LOOK_MS = 500;
const [NO_VM, NO_RESERVATION] = [1, 91];
/** Of VMs that do not run; those that do may have passing statuses for minutes. */
const IDLE = new Set(['Down', 'WaitForLaunch']);

/** Makes all as at the start: no reservations, and as many VMs as there are slots, which run. */
export async function tidy(model: Model, client: Client, report: SoakReport): Promise<void> {
  for (const { reservationID } of await client.call('Host.getReservations')) {
    // its time may be over at that moment
    await client.call('Host.releaseMemory', { reservationID }).catch(unless(NO_RESERVATION));
  }
  model.reservations.clear();
  for (;;) {
    const { vms } = await client.call('Host.getOverview');
    const statuses = new Map(vms.map(({ id, status }) => [id, status as string]));
    const isFull = !model.slots.includes(undefined) && model.doubtful.size === 0;
    const waits = [...statuses].flatMap(([id, status]) =>
      IDLE.has(status) ? [`${id} is ${status}`] : [],
    );
    if (isFull && waits.length === 0) return;
    // a guest may power off, or crash, until it has come to rest
    for (const vm of model.vms()) vm.isDown ||= statuses.get(vm.id) === 'Down';
    for (const vm of model.vms().filter((each) => each.isDown || model.doubtful.has(each.id))) {
      if (statuses.has(vm.id)) {
        await client.call('VM.destroy', { vmID: vm.id }).catch(unless(NO_VM));
      }
      model.forget(vm);
    }
    while (model.slots.includes(undefined)) await createSome(model, client);
    report.waiting(waits);
    await pause(LOOK_MS);
  }
}

/** Throws all errors but those of that code. */
const unless = (code: number) => (error: unknown) => {
  if (!(error instanceof CallFailedError) || error.code !== code) throw error;
};

/** Resumes paused guests, which move no balloon. */
export async function resumeAll(client: Client): Promise<void> {
  const { vms } = await client.call('Host.getOverview');
  const paused = vms.filter(({ status }) => status === 'Paused');
  // one may end in that moment, which the judgement sees
  for (const { id: vmID } of paused) await client.call('VM.cont', { vmID }).catch(() => undefined);
}

async function createSome(model: Model, client: Client): Promise<void> {
  const work: Promise<unknown>[] = [];
  for (let n = 0; n < AT_ONCE; n += 1) {
    const operation = createVm(model, Math.random);
    if (!operation) break;
    const { method, params, learn } = operation;
    work.push(client.request(method, params).then((result) => learn?.({ kind: 'result', result })));
  }
  await Promise.all(work);
}
