import { expect, test } from '@jest/globals';
import { idOf, parameters, World } from '../support/world.ts';
import { type Boundary, FAULTS, type Strike, strikes } from './boundary.ts';
import { begin, boundaryOf, drive, recover, through } from './stage.ts';

const vmID = idOf(1);

interface ListedVm {
  readonly vmId: string;
  readonly status: string;
}

/** Creates a VM with one fault, or none, and returns what is wrong afterwards. */
async function created(strike?: Strike) {
  const at: { boundary?: Boundary } = {};
  const world = await World.open(through(at));
  const boundary = boundaryOf(at);
  begin({ world, boundary }, () => 1, strike ? [strike] : []);
  const create = () => world.call('VM.create', { vmID, vmParams: parameters() });
  const answer = { isAccepted: false };
  create().then(
    () => (answer.isAccepted = true),
    () => undefined,
  );
  await world.seconds(20);
  const crossings = [...boundary.crossings];
  boundary.calm();
  await recover(world);
  const domains = await world.host.listDomains();
  const vms = (await world.call('Host.getVMList')) as readonly ListedVm[];
  const complaints: string[] = [];
  const check = (isRight: boolean, what: string): void => {
    if (!isRight) complaints.push(what);
  };
  // As with VDSM, a VM that could not be started is Down until it is destroyed.
  const isKnown = domains.length <= vms.length;
  check(isKnown, `${String(vms.length)} VMs, ${String(domains.length)} domains`);
  const isKill = strike?.fault === 'vmemd is killed';
  check(!answer.isAccepted || !isKill || domains.length === 1, 'accepted, but there is no domain');
  check(!answer.isAccepted || vms.length === 1, 'accepted, but there is no VM');
  const isRunning = domains.some(({ state }) => state === 'running');
  const isTrue = vms.every(({ status }) => (status === 'Up') === isRunning);
  check(isTrue, `${JSON.stringify(vms)} is not true`);
  check(strike !== undefined || isRunning, 'the VM does not run');
  // Whatever is left can be removed, and the id is free then.
  if (vms.length > 0) await drive(world, world.call('VM.destroy', { vmID }));
  await drive(world, create());
  await recover(world);
  check((await world.host.listDomains())[0]?.state === 'running', 'it cannot be created again');
  return { crossings, complaints };
}

test.each(FAULTS)(
  'a VM is created as a whole or not at all if at any crossing %s',
  async (fault) => {
    const { crossings, complaints: without } = await created();
    expect(without).toEqual([]);
    const complaints: Record<string, string[]> = {};
    for (const [at, crossing] of crossings.entries()) {
      if (!strikes(fault, crossing)) continue;
      for (const what of (await created({ at, fault })).complaints) {
        (complaints[what] ??= []).push(`${crossing.kind} of ${crossing.what} (${String(at)})`);
      }
    }
    expect(complaints).toEqual({});
  },
);
