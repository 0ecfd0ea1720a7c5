import { isUserAlias } from '../../domain-xml/alias.ts';
import type { MemoryDevice } from '../../domain-xml/types.ts';
import { VdsmError } from '../../common/errors.ts';
import { floorMiB, KiB, MiB } from '../../common/units.ts';
import { mayStillHappen } from '../../host/hypervisor.ts';
import type { NewStep } from '../../memory/begin.ts';
import { baseOf, deviceKey } from '../../memory/identity.ts';
import { findDevice, plugObstacle } from '../../memory/plugChecks.ts';
import { inflatedBalloon } from '../balloonObstacle.ts';
import type { StepRef } from '../record/memoryRecord.ts';
import { toVdsmError } from '../toVdsmError.ts';
import type { Vm } from '../vm.ts';
import { fits } from './checks.ts';
import { commit, observeNow } from './commit.ts';
import { type DeviceParams, namedDevice, newDevice } from './deviceParams.ts';
import { captureBaseline } from './onlineWatch.ts';
import { sendStep } from './sendStep.ts';

/** A plugged device; without an alias if the domain does not show it yet. */
export interface Plugged {
  readonly alias?: string;
}

/** Plugs one device; throws VMIsDown, MissingParameter, or HotplugMemFailed with the reason. */
export async function plugMemory(vm: Vm, params: DeviceParams, flowId: string): Promise<Plugged> {
  const { device, xml } = newDevice(params);
  vm.requireAlive();
  return vm.queue
    .answer<Plugged>(async (options, answer) => {
      const ref = await commit(vm, options, () => beginPlug(vm, device, { params, flowId }));
      const onShown = (): void => {
        answer(plugged(vm, ref));
      };
      await sendStep(vm, ref, options, { xml: xml(), onShown }).catch((error: unknown) => {
        if (mayStillHappen(error)) observeNow(vm);
        throw error;
      });
      return plugged(vm, ref);
    })
    .catch(toVdsmError('HotplugMemFailed'));
}

function plugged({ operations }: Vm, ref: StepRef): Plugged {
  const step = operations.step(ref);
  const alias = step?.kind === 'plug' ? step.alias : undefined;
  return alias === undefined ? {} : { alias };
}

interface Request {
  readonly params: DeviceParams;
  readonly flowId: string;
}

function beginPlug(vm: Vm, device: MemoryDevice, { params, flowId }: Request): StepRef {
  const obstacle =
    plugObstacle(vm.domain, device, vm.hypervisor.slotRule) ??
    guaranteeObstacle(vm, device.size, params);
  if (obstacle !== undefined) throw new VdsmError('HotplugMemFailed', obstacle);
  captureBaseline(vm);
  const { size, node } = device;
  const name = chosenAlias(device);
  const before = vm.domain.memoryDevices.map(deviceKey);
  const step = { kind: 'plug' as const, size, node, ...name, before };
  return beginSent(vm, { action: 'plug', flowId, step, guaranteed: params.memGuaranteedSize });
}

/** Returns the client's alias if libvirt keeps it. */
const chosenAlias = ({ alias }: MemoryDevice): { readonly alias?: string } =>
  alias !== undefined && isUserAlias(alias) ? { alias } : {};

/**
 * Sends the guest an unplug of one device; the operation records the outcome. Throws VMIsDown, MissingParameter, or
 * HotunplugMemFailed with the reason.
 */
export async function unplugMemory(vm: Vm, params: DeviceParams, flowId: string): Promise<void> {
  const wish = namedDevice(params);
  vm.requireAlive();
  await vm.queue
    .answer(async (options, answer) => {
      const ref = await commit(vm, options, () => {
        const device = findDevice(vm.domain.memoryDevices, wish);
        return beginUnplug(vm, device, { params, flowId });
      });
      await sendStep(vm, ref, options, {
        onShown: () => {
          answer(undefined);
        },
      }).catch(toVdsmError('HotunplugMemFailed', { job_id: ref.id }));
    })
    .catch(toVdsmError('HotunplugMemFailed'));
}

function beginUnplug(
  vm: Vm,
  device: MemoryDevice | undefined,
  { params, flowId }: Request,
): StepRef {
  if (device?.alias === undefined) {
    throw new VdsmError('HotunplugMemFailed', `no such device; ${pluggedText(vm)}`);
  }
  const { alias, size, virtioMem } = device;
  const obstacle = guaranteeObstacle(vm, KiB(virtioMem ? 0 : 0 - size), params);
  if (obstacle !== undefined) throw new VdsmError('HotunplugMemFailed', obstacle);
  const warning = inflatedBalloon(vm);
  if (warning !== undefined) vm.log.warn({ vmId: vm.id, flow_id: flowId, alias }, warning);
  const step = { kind: 'unplug' as const, alias, size, ...baseOf(device) };
  return beginSent(vm, { action: 'unplug', flowId, step, guaranteed: params.memGuaranteedSize });
}

/** Begins an operation of one device step that counts as sent, and of the guarantee that follows it. */
function beginSent(
  vm: Vm,
  request: {
    readonly action: 'plug' | 'unplug';
    readonly flowId: string;
    readonly step: NewStep;
    readonly guaranteed: MiB | undefined;
  },
): StepRef {
  const { action, flowId, step, guaranteed } = request;
  const guarantee: NewStep[] =
    guaranteed === undefined ? [] : [{ kind: 'guarantee', when: 'first-done', guaranteed }];
  const { id } = vm.operations.begin(
    { action, flowId, ...(guaranteed !== undefined && { guaranteed }) },
    () => [step, ...guarantee],
  );
  const ref = { id, index: 0 };
  vm.operations.apply(ref, 'send');
  return ref;
}

/** Returns why the requested guarantee exceeds the memory after a change by `change` KiB; undefined if it does not. */
function guaranteeObstacle(vm: Vm, change: KiB, params: DeviceParams): string | undefined {
  const after = floorMiB(KiB(vm.memory + change));
  const guaranteed = params.memGuaranteedSize ?? MiB(0);
  return fits(guaranteed, after) ? undefined : (
      `${String(guaranteed)} MiB cannot be guaranteed to a VM of ${String(after)} MiB`
    );
}

const pluggedText = ({ domain: { memoryDevices } }: Vm): string =>
  memoryDevices.length === 0 ?
    'the VM has no memory devices'
  : `the VM has ${memoryDevices
      .map(({ alias, size }) => `${alias ?? '?'} (${String(floorMiB(size))} MiB)`)
      .join(', ')}`;
