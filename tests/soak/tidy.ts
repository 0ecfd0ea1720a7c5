import { setTimeout as pause } from 'node:timers/promises';
import type { Client } from '../../src/client/index.ts';
import { createVm } from './model/changes.ts';
import type { Model } from './model/model.ts';

/** VMs that are created at a time. */
const AT_ONCE = 20;
const LOOK_MS = 500;

/** Makes all as at the start: no reservations, and as many VMs as there are slots, which run. */
export async function tidy(model: Model, client: Client): Promise<void> {
  for (const { reservationID } of await client.call('Host.getReservations')) {
    await client.call('Host.releaseMemory', { reservationID });
  }
  model.reservations.clear();
  const { vms: all } = await client.call('Host.getOverview');
  for (const vm of model.vms().filter((each) => each.isDown || model.doubtful.has(each.id))) {
    if (all.some(({ id }) => id === vm.id)) await client.call('VM.destroy', { vmID: vm.id });
    model.forget(vm);
  }
  while (model.slots.includes(undefined)) await createSome(model, client);
  for (;;) {
    const { vms } = await client.call('Host.getOverview');
    if (vms.every(({ status }) => status === 'Up')) return;
    await pause(LOOK_MS);
  }
}

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
