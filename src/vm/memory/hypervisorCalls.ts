import { memoryDeviceXml } from '../../domain-xml/memoryDevice.ts';
import { type CallOptions, mayStillHappen } from '../../host/hypervisor.ts';
import type { DeviceStep } from '../../memory/operation.ts';
import type { KiB, MiB, Seconds } from '../../common/units.ts';
import type { Settings } from '../lateCalls.ts';
import type { Vm } from '../vm.ts';

// Every call to the hypervisor that changes a VM's memory stands here; each throws HypervisorError. A step can be sent
// again after a crash: plugging looks first whether the device is there, everything else has the same effect twice. What
// the host may perform late is noted: see LateCalls.

/** Plugs or resizes a device, or asks the guest to give one back; `xml` describes a device in the client's words. */
export async function sendDevice(
  vm: Vm,
  step: DeviceStep,
  options: CallOptions,
  xml?: string,
): Promise<void> {
  const { hypervisor, id } = vm;
  if (step.kind === 'plug' && vm.deviceOf(step)) return;
  vm.outdate();
  switch (step.kind) {
    case 'plug':
      return hypervisor.attachDevice(id, xml ?? memoryDeviceXml(step), options);
    case 'unplug': {
      const device = vm.deviceOf(step);
      return hypervisor.detachDevice(id, step.alias, { ...options, ...(device && { device }) });
    }
    case 'resize':
      return hypervisor.requestDeviceMemory(id, step.alias, step.size, options);
  }
}

/** Sets the balloon target. */
export async function sendBalloonTarget(vm: Vm, target: KiB, options: CallOptions): Promise<void> {
  vm.outdate();
  await replied(vm, { target }, vm.hypervisor.setBalloon(vm.id, target, options));
}

/** Sets the statistics period of the running domain. */
export async function sendPeriod(vm: Vm, period: Seconds, options: CallOptions): Promise<void> {
  vm.outdate();
  await replied(vm, { period }, vm.hypervisor.setStatsPeriod(vm.id, period, options));
}

async function replied(vm: Vm, settings: Partial<Settings>, call: Promise<void>): Promise<void> {
  try {
    await call;
  } catch (error) {
    if (mayStillHappen(error)) vm.late.expect(settings);
    throw error;
  }
}

/** Writes the guarantee into the configuration of the next run; a transient domain has none. */
export const sendNextRunGuarantee = (
  vm: Vm,
  memGuaranteedSize: MiB,
  options: CallOptions,
): Promise<void> => vm.nextRun.writeMetadata({ memGuaranteedSize }, options);

/** Replaces the configuration of the next run. */
export const sendNextRunXml = (vm: Vm, xml: string, options: CallOptions): Promise<void> =>
  vm.nextRun.write(xml, options);
