import type { MemoryDevice } from '../domain-xml/types.ts';
import type { DeviceStep, ResizeStep, UnplugStep } from './operation.ts';
import { type Detail, type Fact, isAwaited, isOpen } from './transition.ts';

/** A fact with what is recorded beside it. */
export interface Finding extends Detail {
  readonly fact: Fact;
}

/**
 * What the domain shows of a step: `device` is the device that the step is about, `canTell` whether the guest's total
 * can show, now or later, that it uses a plugged one. Undefined if the step stands as before.
 */
export function findingOf(
  step: DeviceStep,
  device: MemoryDevice | undefined,
  canTell: boolean,
): Finding | undefined {
  if (step.kind === 'plug') {
    if (step.state !== 'sent') return undefined;
    if (!device) return step.isPresent ? unverified(UNPLUGGED) : undefined;
    return canTell ? undefined : unverified(UNREPORTED);
  }
  return hasTakenEffect(step, device) ? { fact: 'seen' } : undefined;
}

const hasTakenEffect = (
  step: UnplugStep | ResizeStep,
  device: MemoryDevice | undefined,
): boolean =>
  step.kind === 'unplug' ?
    !device && (isOpen(step) || isAwaited(step))
  : isAwaited(step) && device?.virtioMem?.current === step.size;

/** The finding that a plug is done, but that its use by the guest cannot be verified. */
export const unverified = (message: string): Finding => ({
  fact: 'seen',
  isUnverified: true,
  message,
});

/** Returns the finding that the guest refused an unplug, with the hypervisor's message if there is one. */
export const guestRefusal = (words?: string): Finding => ({
  fact: 'guest-refused',
  message: `${words === undefined ? 'the guest kept the device:' : `${words};`} it was not brought online as movable, or cannot be freed now`,
});

/** Why it is unknown whether a guest uses a plugged device. */
export const UNREPORTED =
  'the guest did not report its memory before and after, so it is unknown whether it uses the device';

/** Why it is unknown whether a guest used a device that was plugged and is gone. */
const UNPLUGGED = 'the device was unplugged before the guest was seen to use it';
