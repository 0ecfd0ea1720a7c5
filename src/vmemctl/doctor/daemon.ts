import { version } from '../../common/version.ts';
import { nameOf } from '../names/findVm.ts';
import { formatDuration } from '../output/duration.ts';
import type { HostGlance, Overview, VmGlance } from '../views/answers.ts';
import { reportOf } from '../views/figures.ts';
import { type Check, fail, info, ok, warn } from './check.ts';

/** What a daemon says of itself, its host and its VMs. */
export interface Answer {
  readonly overview: Overview;
  /** Why the policy does not act although it should. */
  readonly notActing?: string;
  /** Milliseconds since 1970, when the answer came. */
  readonly now: number;
  /** Whether a momd runs beside it, if that is known. */
  readonly momRuns?: boolean;
}

/** Checks what a daemon says. */
export function checkDaemon(answer: Answer): Check[] {
  const { overview } = answer;
  return [
    ofDaemon(overview),
    ...ofLink(overview.host),
    ofAccess(overview),
    ...ofClock(answer),
    ofPolicy(answer),
    ...ofHost(overview.host),
    ...overview.vms.flatMap(ofVm),
  ];
}

function ofDaemon({ host }: Overview): Check {
  const { vmemd_version: theirs, simulated } = host;
  if (theirs !== version()) {
    return warn('vmemd', `version ${theirs} there, ${version()} here: update the older one`);
  }
  return simulated ?
      info('vmemd', `version ${theirs}, on a simulated host: for trials only`)
    : ok('vmemd', `version ${theirs}`);
}

function ofLink({
  link_problem: problem,
  libvirt_version: libvirt,
  qemu_version: qemu,
  simulated,
}: HostGlance): Check[] {
  // its text is among the host's warnings
  if (problem !== undefined || simulated) return [];
  return [ok('hypervisor', `libvirt ${libvirt ?? '?'}, QEMU ${qemu ?? '?'}`)];
}

function ofAccess({ access, host }: Overview): Check {
  if (host.read_only) return info('access', 'this vmemd changes nothing (--read-only)');
  if (access === 'admin') return ok('access', 'you may do everything (admin)');
  return info(
    'access',
    access === 'operate' ? 'you may change VMs, not the host (operate)' : 'you may only read',
  );
}

/** Seconds that clocks of two machines may differ by. */
const APART = 5;

function ofClock({ overview, now }: Answer): Check[] {
  const apart = Math.abs(Date.parse(overview.time) - now) / 1000;
  if (apart < APART) return [];
  return [
    warn('clock', `it differs from this machine's by ${formatDuration(apart)}: synchronise both`),
  ];
}

function ofPolicy({ overview: { host }, notActing, momRuns }: Answer): Check {
  const name = 'policy';
  const { policy, mom_active: isActive } = host;
  if (!policy) return info(name, 'unknown');
  const isMomThere = isActive === true || momRuns === true;
  if (policy.mode === 'act' && isMomThere) {
    return fail(
      name,
      'MoM runs beside it, so that two set balloon targets: stop momd, or vmemctl policy off',
    );
  }
  if (notActing !== undefined) return warn(name, notActing);
  const mom = isMomThere ? ', MoM shares out memory' : '';
  if (policy.mode === 'off') {
    return info(
      name,
      `off${mom}${mom === '' ? '; vmemctl policy observe shows what it would do' : ''}`,
    );
  }
  return ok(name, `${policy.mode} (${policy.algorithm})`);
}

const SERIOUS: ReadonlySet<string> = new Set([
  'hypervisor-away',
  'unreadable',
  'not-answering',
  'promised-too-much',
]);

const ofHost = ({ warnings }: HostGlance): Check[] =>
  warnings.map(({ kind, text }) => (SERIOUS.has(kind) ? fail('host', text) : warn('host', text)));

/** What to do besides what the text says, by the kind of a warning. */
const ADVICE: Readonly<Record<string, string>> = {
  'not-reporting': 'in the guest: modprobe virtio_balloon',
  'not-online': 'in the guest: echo online_movable > /sys/devices/system/memory/auto_online_blocks',
  'unplug-refused':
    'let the guest bring memory online as movable: memhp_default_state=online_movable on its command line',
};

function ofVm(vm: VmGlance): Check[] {
  const name = nameOf(vm);
  if (vm.status === 'Down') return [];
  const { warnings, ballooning_disabled_because: why, freshness } = vm;
  const checks = warnings.map(({ kind, text }) => {
    const advice = ADVICE[kind];
    const whole = advice === undefined ? text : `${text}; ${advice}`;
    return SERIOUS.has(kind) ? fail(name, whole) : warn(name, whole);
  });
  if (checks.length > 0) return checks;
  if (why !== undefined) return [info(name, `not ballooned: ${why}`)];
  return [ok(name, `balloon and its driver work, reported ${reportOf(freshness)}`)];
}
