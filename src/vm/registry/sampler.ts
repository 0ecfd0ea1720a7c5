import type { Logger } from 'pino';
import type { Cancel, Clock } from '../../common/clock.ts';
import type { Milliseconds } from '../../common/units.ts';
import type { Registry } from './registry.ts';
import { causeOf } from '../logFailure.ts';

export interface SamplerOptions {
  readonly vms: Pick<Registry, 'sample'>;
  readonly clock: Clock;
  readonly interval: Milliseconds;
  readonly log: Logger;
}

/** Samples all VMs now, and each `interval` after the last round has ended; returns a function that stops it. */
export function startSampling({ vms, clock, interval, log }: SamplerOptions): Cancel {
  let isStopped = false;
  let isFailing = false;
  let cancel: Cancel = () => undefined;
  const round = async (): Promise<void> => {
    try {
      await vms.sample();
      if (isFailing) log.info('statistics are read again');
      isFailing = false;
    } catch (error) {
      if (!isFailing) log.warn(causeOf(error), 'statistics could not be read; trying again');
      isFailing = true;
    }
    if (!isStopped) cancel = clock.after(interval, () => void round());
  };
  void round();
  return () => {
    isStopped = true;
    cancel();
  };
}
