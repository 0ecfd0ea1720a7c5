import type { MemoryDevice } from '../../domain-xml/types.ts';
import type { CallOptions } from '../../host/hypervisor.ts';
import { type KiB, Milliseconds } from '../../common/units.ts';
import { plugOf } from '../../memory/deviceState.ts';
import { deviceDifference } from '../../memory/deviceDifference.ts';
import { deviceKey, isAbout } from '../../memory/identity.ts';
import { type Placed, placedDeviceSteps, type PlugStep } from '../../memory/operation.ts';
import { type Finding, findingOf } from '../../memory/outcome.ts';
import type { StepRef } from '../record/memoryRecord.ts';
import type { Vm } from '../vm.ts';

/**
 * Reads the domain unless this operation has just done so; emits the plugged and unplugged devices, runs `record`, and
 * records which steps have ended.
 */
export async function look(vm: Vm, options: CallOptions, record?: () => void): Promise<void> {
  if (!vm.isFresh(options)) await vm.read(options);
  reportDevices(vm);
  record?.();
  for (const placed of placedDeviceSteps(vm.operations.operations)) recordOutcome(vm, placed);
}

function reportDevices(vm: Vm): void {
  const { came, went, grown } = deviceDifference(vm.reportedDevices, vm.domain.memoryDevices);
  vm.acknowledgeDevices();
  for (const { alias, size } of went) vm.emit({ kind: 'device-removed', alias, size });
  for (const { alias, size } of came) vm.emit({ kind: 'device-added', alias, size });
  const { baseline } = vm.operations;
  const used = went.filter((device) => isUsed(vm, device));
  baseline.adjust(grown - sum(used), went.length + came.length > 0);
  if (went.some((device) => isUnverified(vm, device))) baseline.set(undefined);
}

function recordOutcome(vm: Vm, placed: Placed): void {
  const ref = { id: placed.operation.id, index: placed.index };
  if (placed.step.kind === 'plug') identify(vm, placed as Placed<PlugStep>);
  const step = vm.operations.step(ref);
  if (step?.kind !== 'plug' && step?.kind !== 'unplug' && step?.kind !== 'resize') return;
  const finding = findingOf(step, vm.deviceOf(step), canTell(vm));
  if (finding) applyFinding(vm, ref, finding);
}

/** Records a finding about a step. */
export function applyFinding(vm: Vm, ref: StepRef, { fact, ...detail }: Finding): void {
  vm.operations.apply(ref, fact, detail);
}

/** Records the alias and the place of a plugged device once the domain shows it, also after its time was over. */
function identify(vm: Vm, placed: Placed<PlugStep>): void {
  const { operation, index, step } = placed;
  if ((step.state !== 'sent' && step.state !== 'timed-out') || step.isPresent) return;
  const device = step.alias === undefined ? newDeviceOf(vm, placed) : vm.deviceOf(step);
  if (device?.alias === undefined) return;
  const { alias } = device;
  vm.operations.identify({ id: operation.id, index }, { ...device, alias });
}

/** The device that a step without an alias has plugged: of its size and node, and neither there before nor another's. */
function newDeviceOf(vm: Vm, { operation, step }: Placed<PlugStep>): MemoryDevice | undefined {
  const { size, node, before = [] } = step;
  const others = placedDeviceSteps(vm.operations.operations).filter(
    (other) =>
      other.step.kind === 'plug' &&
      other.step.isPresent === true &&
      (other.step.state === 'sent' || other.operation.startedAt >= operation.startedAt),
  );
  return vm.domain.memoryDevices.find(
    (device) =>
      device.size === size &&
      device.node === node &&
      !before.includes(deviceKey(device)) &&
      !others.some((other) => isAbout(other.step, device)),
  );
}

/** Returns whether the guest's total can show that it uses a device, now or after its start. */
function canTell(vm: Vm): boolean {
  if (vm.operations.baseline.total) return true;
  const runsSince = vm.clock.now() - (vm.startedAt ?? -Infinity);
  return isSilentYet(vm) && runsSince < STARTING;
}

/** Whether the guest is not known to have reported in this run, and will: a paused one when it goes on. */
const isSilentYet = ({ freshness: { state }, samples }: Vm): boolean =>
  state === 'never' || state === 'unknown' || (state === 'paused' && !samples.newest?.lastUpdate);

/** The longest time that a guest needs to start its balloon driver. */
const STARTING = Milliseconds(120_000);

/** Returns whether the guest is known to count a device as its memory. */
function isUsed(vm: Vm, device: MemoryDevice): boolean {
  const plug = plugOf(vm.operations.operations, device);
  return plug?.step.state !== 'sent' && plug?.step.state !== 'timed-out';
}

/** Returns whether it is unknown if the guest counted a device; totals before and after its unplug cannot be compared. */
function isUnverified(vm: Vm, device: MemoryDevice): boolean {
  const plug = plugOf(vm.operations.operations, device);
  return !plug || (plug.step.state === 'done' && plug.step.isUnverified === true);
}

const sum = (devices: readonly { readonly size: KiB }[]): number =>
  devices.reduce((total, { size }) => total + size, 0);
