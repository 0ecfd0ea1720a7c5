import type { MemoryDevice } from '../domain-xml/types.ts';
import { deviceOf } from './identity.ts';
import { type Operation, placedDeviceSteps, type PlugStep } from './operation.ts';

/** The plugs of devices that the operations left in the domain and that `devices` lack: they went unseen. */
export function goneDevices(
  operations: readonly Operation[],
  devices: readonly MemoryDevice[],
): readonly PlugStep[] {
  const steps = placedDeviceSteps(operations).map(({ step }) => step);
  return steps.filter((step, index): step is PlugStep => {
    if (step.kind !== 'plug' || step.isPresent !== true) return false;
    const isUnplugged = steps
      .slice(index + 1)
      .some((one) => one.kind === 'unplug' && one.state === 'done' && one.alias === step.alias);
    return !isUnplugged && deviceOf(devices, step) === undefined;
  });
}
