import { KiB } from '../../src/common/units.ts';
import type { HostGlance, Overview, VmGlance } from '../../src/vmemctl/views/answers.ts';
import { idOf } from '../support/world.ts';

const GiB = 1024 * 1024;

/** Returns gibibytes in KiB. */
export const gib = (size: number): KiB => KiB(size * GiB);

/** A VM at a glance with 1 GiB, of which it uses half. */
export const vm = (n: number, changes: Partial<VmGlance> = {}): VmGlance => ({
  id: idOf(n),
  name: `vm${String(n)}`,
  status: 'Up',
  warnings: [],
  jobs: [],
  used_kib: gib(0.5),
  current_kib: gib(1),
  target_kib: gib(1),
  maximum_kib: gib(1),
  memory_kib: gib(1),
  freshness: { state: 'fresh', age_s: 3 },
  ...changes,
});

const hostGlance = (changes: Partial<HostGlance> = {}): HostGlance => ({
  simulated: false,
  read_only: false,
  vmemd_version: '1.0.0',
  name: 'kvm1',
  vms: 1,
  vms_up: 1,
  promised_kib: gib(1),
  total_kib: gib(64),
  available_kib: gib(40),
  warnings: [],
  ...changes,
});

/** Returns an answer of Host.getOverview. */
export const overviewOf = (
  vms: readonly VmGlance[],
  host: Partial<HostGlance> = {},
  rest: Partial<Overview> = {},
): Overview => ({
  revision: 'r1',
  time: '2026-01-01T00:00:00.000Z',
  complete: true,
  access: 'admin',
  host: hostGlance({ vms: vms.length, vms_up: vms.length, ...host }),
  vms,
  ...rest,
});
