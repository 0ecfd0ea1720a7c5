import { useEffect, useRef } from 'preact/hooks';
import type { Seen } from '../connection/merge.ts';
import { VmActions } from '../actions/vmActions.tsx';
import { Warnings } from '../parts/warnings.tsx';
import { Audit } from './audit.tsx';
import { Devices } from './devices.tsx';
import { Figures } from './figures.tsx';
import { JobPanel } from './jobPanel.tsx';
import { PolicyReason } from './policyReason.tsx';
import { VmHistory } from './vmHistory.tsx';

interface VmDetailsProps {
  readonly seen: Seen;
  readonly now: number;
  readonly canAct: boolean;
  /** Gets the height of the details in pixels whenever it changes. */
  readonly resized: (height: number) => void;
}

/** All that is known of one VM's memory. */
export function VmDetails({ seen, now, canAct, resized }: VmDetailsProps) {
  const { vm } = seen;
  const root = useRef<HTMLDivElement>(null);
  useEffect(() => {
    const element = root.current;
    if (!element) return undefined;
    const sizes = new ResizeObserver(() => resized(element.offsetHeight));
    sizes.observe(element);
    return () => sizes.disconnect();
  }, [resized]);

  return (
    <div
      ref={root}
      class="details"
      id={`details-${vm.id}`}
      role="region"
      aria-labelledby={`vm-${vm.id}`}
    >
      <Warnings warnings={vm.warnings} />
      {canAct && vm.status !== 'Down' && <VmActions vm={vm} />}
      <div class="details-grid">
        <VmHistory id={vm.id} />
        <div class="details-column">
          <Figures seen={seen} now={now} />
          <Audit id={vm.id} now={now} />
        </div>
        <div class="details-column">
          <Devices id={vm.id} ceiling={vm.ceiling_kib} />
          <JobPanel vm={vm} />
          <PolicyReason id={vm.id} />
        </div>
      </div>
    </div>
  );
}
