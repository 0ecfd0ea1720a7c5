import type { Domain } from '../domain-xml/types.ts';
import { floorMiB, MiB } from '../common/units.ts';
import { balloonableMemory } from './balloon.ts';
import { deviceOf } from './identity.ts';
import {
  type DeviceStep,
  deviceSteps,
  type GuaranteeStep,
  type Operation,
  type Placed,
} from './operation.ts';
import { isOpen } from './transition.ts';

/** A guarantee that is to be set now. */
export interface DueGuarantee extends Placed<GuaranteeStep> {
  /** What can be guaranteed now: as much as there is memory where that is less than the step says. */
  readonly guaranteed: MiB;
  /** Whether the step is done with that; otherwise devices are still to come. */
  readonly isAll: boolean;
}

/** The newest guarantee whose time has come; it replaces those of the operations before it. */
export function dueGuarantee(
  operations: readonly Operation[],
  domain: Domain,
): DueGuarantee | undefined {
  for (const operation of operations.toReversed()) {
    const index = operation.steps.findIndex(
      (step) => step.kind === 'guarantee' && isOpen(step) && isDue(step, operation, domain),
    );
    const step = operation.steps[index];
    if (step?.kind !== 'guarantee') continue;
    const guaranteed = MiB(Math.min(step.guaranteed, floorMiB(balloonableMemory(domain))));
    const isAll = guaranteed === step.guaranteed || !deviceSteps(operation).some(isOpen);
    return { operation, index, step, guaranteed, isAll };
  }
  return undefined;
}

const isDue = ({ when }: GuaranteeStep, operation: Operation, domain: Domain): boolean =>
  when === 'now' || deviceSteps(operation).some((step) => hasTakenEffect(step, domain));

function hasTakenEffect(step: DeviceStep, { memoryDevices }: Domain): boolean {
  switch (step.kind) {
    case 'unplug':
      return step.state === 'done';
    case 'plug':
      return deviceOf(memoryDevices, step) !== undefined;
    case 'resize': {
      // The guest is given more as soon as it may take it, and less once it has left it.
      const { requested, current = step.size } = deviceOf(memoryDevices, step)?.virtioMem ?? {};
      const isVoid = step.state === 'superseded' || step.state === 'failed';
      return !isVoid && requested === step.size && current <= step.size;
    }
  }
}
