import { expect, test } from '@jest/globals';
import { idOf, parameters, World } from '../support/world.ts';
import type { Boundary } from './boundary.ts';
import { FAULTS, type Strike } from './crossing.ts';
import { begin, boundaryOf, recover, through } from './stage.ts';
import { notCreatedAgain, statuses, untrue } from './statuses.ts';
import { swept } from './sweep.ts';

const vmID = idOf(1);

/** Creates a VM with one fault, or none, and returns what is wrong afterwards. */
async function created(strike?: Strike) {
  const at: { boundary?: Boundary } = {};
  const world = await World.open(through(at));
  const boundary = boundaryOf(at);
  begin({ world, boundary }, strike ? [strike] : []);
  const answer = { isAccepted: false };
  world.call('VM.create', { vmID, vmParams: parameters() }).then(
    () => (answer.isAccepted = true),
    () => undefined,
  );
  await world.seconds(20);
  const crossings = [...boundary.crossings];
  boundary.calm();
  await recover({ world, boundary });
  const found = await statuses(world);
  const complaints = untrue(found);
  const check = (isRight: boolean, what: string): void => {
    if (!isRight) complaints.push(what);
  };
  const isKill = strike?.fault === 'vmemd is killed';
  const isDefined = found.domains[vmID] !== undefined;
  check(!answer.isAccepted || !isKill || isDefined, 'accepted, but there is no domain');
  check(!answer.isAccepted || vmID in found.vms, 'accepted, but there is no VM');
  check(strike !== undefined || found.domains[vmID] === 'running', 'the VM does not run');
  complaints.push(...(await notCreatedAgain({ world, boundary }, vmID, parameters())));
  return { crossings, complaints };
}

test.each(FAULTS.filter((fault) => fault !== 'the file cannot be written'))(
  'a VM is created as a whole or not at all if at any crossing %s',
  async (fault) => {
    expect(await swept({ fault, play: created })).toEqual({});
  },
);
