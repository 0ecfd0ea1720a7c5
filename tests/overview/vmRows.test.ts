import { expect, test } from '@jest/globals';
import { KiB } from '../../src/common/units.ts';
import { VmRows } from '../../src/overview/vmRows.ts';
import type { Vm } from '../../src/vm/vm.ts';
import { World } from '../support/world.ts';

async function booted() {
  const world = await World.open();
  const vm = world.vms.get(await world.boot());
  return { world, vm, rows: new VmRows(world.clock) };
}

test('a VM of which nothing has changed keeps its row for some seconds', async () => {
  const { world, vm, rows } = await booted();
  const row = rows.of(vm, undefined);
  expect(rows.of(vm, undefined)).toBe(row);
  await world.seconds(5);
  expect(rows.of(vm, undefined)).not.toBe(row);
});

const changes: readonly (readonly [string, (vm: Vm) => Partial<Record<keyof Vm, unknown>>])[] = [
  ['its domain was read again', ({ domain }) => ({ domain: { ...domain } })],
  ['its target came about in another way', ({ story }) => ({ story: { ...story } })],
  ['its status', () => ({ status: 'Paused' })],
  ['why it is paused', () => ({ pauseCode: 'EOTHER' })],
  ['whether its QEMU hangs', () => ({ isHung: true })],
  ['what is wrong with its statistics period', () => ({ statsPeriodProblem: 'refused' })],
];

test.each(changes)('a change makes a new row at once: %s', async (_, change) => {
  const { vm, rows } = await booted();
  const row = rows.of(vm, undefined);
  for (const [name, value] of Object.entries(change(vm)))
    Object.defineProperty(vm, name, { value });
  expect(rows.of(vm, undefined)).not.toBe(row);
});

test('a new sample, a change in progress and another need make a new row at once', async () => {
  const { world, vm, rows } = await booted();
  let row = rows.of(vm, undefined);
  const expectNew = (need?: KiB): void => {
    const next = rows.of(vm, need);
    expect(next).not.toBe(row);
    row = next;
  };
  await world.vms.sample();
  expectNew();
  await world.call('VM.setMemory', { vmID: vm.id, memory: 1280 });
  expectNew();
  expectNew(KiB(1));
});
