import type { Logger } from 'pino';
import type { Cancel, Clock } from '../../common/clock.ts';
import type { Milliseconds } from '../../common/units.ts';
import { isUnreachable } from '../../host/hypervisor.ts';
import type { Registry } from './registry.ts';
import { causeOf } from '../logFailure.ts';

export interface SamplerOptions {
  readonly vms: Pick<Registry, 'sample'>;
  readonly clock: Clock;
  readonly interval: Milliseconds;
  readonly log: Logger;
  /** Called at the end of each round, also of one that failed. */
  readonly onRound?: () => void;
}

/** Samples all VMs now, and each `interval` after the last round has ended; returns a function that stops it. */
export function startSampling({ vms, clock, interval, log, onRound }: SamplerOptions): Cancel {
  let isStopped = false;
  let isReported = false;
  let cancel: Cancel = () => undefined;
  const round = async (): Promise<void> => {
    try {
      await vms.sample();
      if (isReported) log.info('statistics are read again');
      isReported = false;
    } catch (error) {
      const isNews = !isReported && !isUnreachable(error);
      if (isNews) log.warn(causeOf(error), 'statistics could not be read; trying again');
      isReported ||= isNews;
    }
    onRound?.();
    if (!isStopped) cancel = clock.after(interval, () => void round());
  };
  void round();
  return () => {
    isStopped = true;
    cancel();
  };
}
