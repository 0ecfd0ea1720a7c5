import type { ComponentChildren } from 'preact';
import { PolicyButton } from '../actions/policyButton.tsx';
import type { Host } from '../connection/methods.ts';
import { inGib, percent } from '../model/size.ts';
import { POLICY, stallWords } from '../model/words.ts';
import { Size } from '../parts/size.tsx';
import type { KiB } from '../../src/common/units.ts';

interface HostProps {
  readonly host: Host;
}

interface FactsProps extends HostProps {
  /** Whether the policy may be set. */
  readonly isAdmin: boolean;
}

/** Pressure, policy and promises. */
export const Facts = ({ host, isAdmin }: FactsProps) => (
  <dl class="facts">
    <Pressure host={host} />
    <Fact name="Memory policy" note={policyNote(host)}>
      {host.policy ? POLICY[host.policy.mode].name : 'Not known'}
      {isAdmin && host.policy && <PolicyButton policy={host.policy} />}
    </Fact>
    <SizeFact name="Guaranteed to VMs" size={host.promised_kib} note={shareOfHost(host)} />
    <SizeFact
      name="Could be guaranteed"
      size={host.could_promise_kib}
      note="To further VMs, beyond that"
    />
    <SizeFact name="Could be freed now" size={host.could_free_kib} note="By balloons, from VMs" />
    <SizeFact name="Kept for the host" size={host.reserve_kib} note={reservedNote(host)} />
    <SizeFact name="Swap in use" size={swapUsed(host)} note={swapNote(host)} />
    <HugePages host={host} />
  </dl>
);

interface FactProps {
  readonly name: string;
  readonly note?: string | undefined;
  readonly children: ComponentChildren;
}

const Fact = ({ name, note, children }: FactProps) => (
  <div class="fact">
    <dt>{name}</dt>
    <dd>
      <span class="fact-value">{children}</span>
      {note !== undefined && <span class="fact-note">{note}</span>}
    </dd>
  </div>
);

interface SizeFactProps extends Omit<FactProps, 'children'> {
  readonly size: KiB | undefined;
}

const SizeFact = ({ size, ...fact }: SizeFactProps) =>
  size === undefined ? null : (
    <Fact {...fact}>
      <Size kib={size} isStop />
    </Fact>
  );

function Pressure({ host: { stall_percent: stall } }: HostProps) {
  const name = 'Waiting for memory';
  return stall === undefined ?
      <Fact name={name} note="This kernel does not measure it">
        Not known
      </Fact>
    : <Fact name={name} note={`${stall.toFixed(1)} % of the last 10 s`}>
        {stallWords(stall)}
      </Fact>;
}

const HugePages = ({ host: { hugepages = [] } }: HostProps) => (
  <>
    {hugepages
      .filter(({ total }) => total > 0)
      .map(({ size_kib, total, free }) => (
        <SizeFact
          key={size_kib}
          name={`Huge pages of ${size_kib < 1024 ** 2 ? `${size_kib / 1024} MiB` : inGib(size_kib)}`}
          size={(size_kib * total) as KiB}
          note={`${free} of ${total} free`}
        />
      ))}
  </>
);

function policyNote({ policy, mom_active: isMomActive }: Host): string | undefined {
  if (isMomActive) return 'oVirt’s MoM sets balloons';
  if (!policy) return undefined;
  const { meaning } = POLICY[policy.mode];
  return policy.mode === 'off' ? meaning : `${meaning}, ${policy.algorithm}`;
}

const shareOfHost = ({ promised_kib, total_kib }: Host): string | undefined =>
  total_kib === undefined ? undefined : `${percent(promised_kib, total_kib)} of the host`;

const reservedNote = ({ reserved_kib }: Host): string =>
  reserved_kib ? `and ${inGib(reserved_kib)} reserved for new VMs` : 'As a reserve';

const swapNote = ({ swap_total_kib: total }: Host): string | undefined =>
  total === undefined ? undefined : `of ${inGib(total)}`;

/** Returns how much is swapped out; undefined without swap. */
function swapUsed({ swap_total_kib: total, swap_free_kib: free }: Host): KiB | undefined {
  return total === undefined || total === 0 || free === undefined ?
      undefined
    : ((total - free) as KiB);
}
