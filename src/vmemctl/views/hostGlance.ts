import type { KiB } from '../../common/units.ts';
import { between, type Look } from '../output/look.ts';
import { stackedBar } from '../output/stackedBar.ts';
import { printable, wrap } from '../output/width.ts';
import type { HostGlance } from './answers.ts';
import { type Fact, factLines, remarkColumn } from './factLines.ts';
import { counted, sizeOf } from './figures.ts';

const BAR = 48;

/** Returns the host at a glance: what it is, has, uses, promised and could free. */
export function hostLines(host: HostGlance, look: Look): string[] {
  const facts = factsOf(host);
  const before = remarkColumn(facts);
  const bar = hostBar(host, Math.min(BAR, (look.columns ?? Infinity) - before), look);
  return [
    ...wrap(heading(host, look), look.columns).map((line) => look.style('bold', line)),
    ...(bar === undefined ? [] : ['', ' '.repeat(before) + bar]),
    '',
    ...factLines(facts, look),
  ];
}

/** Returns what runs there, in a line. */
function heading(host: HostGlance, look: Look): string {
  const { name = 'this host', vms, vms_up: up, policy, simulated } = host;
  const parts = [
    printable(name) + (simulated ? ' (a simulated host)' : ''),
    `${counted(vms, 'VM')}${up === vms ? '' : `, ${String(up)} up`}`,
    ...(host.libvirt_version === undefined || simulated ? [] : [`libvirt ${host.libvirt_version}`]),
    ...(host.qemu_version === undefined || simulated ? [] : [`QEMU ${host.qemu_version}`]),
    ...(policy ? [policyText(policy)] : []),
    ...(host.read_only ? ['read-only'] : []),
  ];
  return parts.join(between(look));
}

const policyText = ({ mode, algorithm }: NonNullable<HostGlance['policy']>): string =>
  mode === 'off' ? 'policy off' : `policy ${mode} (${algorithm})`;

function factsOf(host: HostGlance): Fact[] {
  const { balloons_held_kib: held, caches_kib: caches, other_kib: other } = host;
  const { could_promise_kib: promisable, used_by_guests_kib: guests } = host;
  return [
    { label: 'has', figure: sizeOf(host.total_kib), remark: swapText(host) },
    {
      label: 'uses',
      figure: sizeOf(sum([guests, other])),
      remark: joined([
        guests !== undefined && `${sizeOf(guests)} by guests`,
        other !== undefined && `${sizeOf(other)} by the host itself`,
        caches !== undefined && `besides ${sizeOf(caches)} of caches`,
      ]),
    },
    { label: 'available', figure: sizeOf(host.available_kib), remark: reservedText(host) },
    {
      label: 'promised',
      figure: sizeOf(host.promised_kib),
      remark: joined([
        'guaranteed to guests',
        promisable !== undefined && `${sizeOf(promisable)} more could be promised`,
      ]),
    },
    {
      label: 'could free',
      figure: sizeOf(host.could_free_kib),
      remark:
        held === undefined || held === 0 ? '' : `besides the ${sizeOf(held)} that balloons hold`,
      hint: 'by balloons, now',
    },
  ];
}

const joined = (parts: readonly (string | false)[]): string =>
  parts.filter((part) => part !== false).join(', ');

const sum = (sizes: readonly (KiB | undefined)[]): KiB | undefined =>
  sizes.every((size) => size !== undefined) ?
    (sizes.reduce<number>((all, size) => all + size, 0) as KiB)
  : undefined;

function swapText({
  swap_total_kib: total,
  swap_free_kib: free,
  stall_percent: stall,
}: HostGlance) {
  return joined([
    total !== undefined &&
      total > 0 &&
      free !== undefined &&
      `${sizeOf((total - free) as KiB)} of ${sizeOf(total)} swap in use`,
    stall !== undefined &&
      stall >= 1 &&
      `programs wait for memory ${String(Math.round(stall))} % of the time`,
  ]);
}

const reservedText = ({ reserved_kib: reserved, reserve_kib: reserve }: HostGlance): string =>
  joined([
    reserved !== undefined && reserved > 0 && `${sizeOf(reserved)} of it reserved`,
    reserve !== undefined && reserve > 0 && `the policy keeps ${sizeOf(reserve)} free`,
  ]);

/** Returns the host's memory as a bar; undefined if its parts are not known. */
function hostBar(host: HostGlance, width: number, look: Look): string | undefined {
  const {
    total_kib: total,
    used_by_guests_kib: guests,
    other_kib: other,
    caches_kib: caches,
  } = host;
  if (total === undefined || guests === undefined || other === undefined || width < 10)
    return undefined;
  return stackedBar(
    [
      { size: guests, letter: '█', ascii: '#', format: 'cyan' },
      { size: other, letter: '▓', ascii: '=', format: 'blue' },
      { size: caches ?? 0, letter: '▒', ascii: '-', format: 'dim' },
    ],
    { total, width, look },
  );
}
