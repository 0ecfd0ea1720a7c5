import { type CallOptions, HypervisorError } from '../../../src/host/hypervisor.ts';
import { Milliseconds } from '../../../src/common/units.ts';
import type { World } from '../../support/world.ts';
import { type Fault, FAULTY, type Faulty } from './steps.ts';

type Operation = (...args: unknown[]) => Promise<unknown>;

const denial = () => new HypervisorError('failed', 'the disk is full');
const loss = () => new HypervisorError('unreachable', 'the connection was lost');
const lateness = () => new HypervisorError('timed-out', 'no answer in time');

/** Makes one operation of the hypervisor fail from now on. */
export function breakDown(world: World, operation: Faulty, fault: Fault): void {
  const real: Operation = Reflect.get(world.host, operation).bind(world.host) as Operation;
  const broken: Record<Fault, Operation> = {
    fails: () => Promise.reject(denial()),
    denies: (...args) => real(...args).then(() => Promise.reject(denial())),
    'is late': (...args) => real(...args).then(() => Promise.reject(lateness())),
    'loses the reply': (...args) => real(...args).then(() => Promise.reject(loss())),
    hangs: (...args) => untilGivenUp(world, args.at(-1)),
  };
  Object.assign(world.faults, { [operation]: broken[fault] });
}

/** Ends all faults. */
export function mend({ faults }: World): void {
  for (const operation of FAULTY) Reflect.deleteProperty(faults, operation);
}

/** Adds a timeout to calls without one. */
const untilGivenUp = ({ clock }: World, options: unknown): Promise<never> =>
  new Promise((_, reject) => {
    const giveUp = (): void => {
      reject(lateness());
    };
    const { signal } = (typeof options === 'object' ? options : {}) as CallOptions;
    if (signal?.aborted) giveUp();
    signal?.addEventListener('abort', giveUp);
    if (!signal) clock.after(LONGEST, giveUp);
  });

const LONGEST = Milliseconds(20_000);
