import { expect, test } from '@jest/globals';
import { type GuestSetup } from '../support/memoryGuest.ts';
import { parameters } from '../support/world.ts';
import { FAULTS, type Strike } from './crossing.ts';
import { seen, unsound } from './judgement.ts';
import { begin, openStage, recover, type Stage, start } from './stage.ts';
import { notCreatedAgain, type Statuses, statuses, untrue } from './statuses.ts';
import { every, swept } from './sweep.ts';

interface Action {
  readonly verb: string;
  readonly params?: object;
  /** The status after it; none: the VM is gone. */
  readonly status: 'Up' | 'Paused' | 'Down' | undefined;
  readonly setup?: GuestSetup;
  readonly isPaused?: boolean;
  /** A change of its memory that is under way. */
  readonly meanwhile?: { readonly verb: string; readonly params: object };
  /** Whether a part of it is done later, and is lost with the process (docs/writes.md). */
  readonly isForgotten?: boolean;
}

const DIMMS: GuestSetup = { devices: [256, 128] };
const SHRINKING = {
  setup: DIMMS,
  meanwhile: { verb: 'setMemory', params: { memory: 1024, guaranteed: 400 } },
};
const OFF = { delay: '0', message: '' };

const ACTIONS: Readonly<Record<string, Action>> = {
  'VM.destroy': { verb: 'destroy', status: undefined },
  'VM.destroy with a graceful attempt': {
    verb: 'destroy',
    params: { gracefulAttempts: 1 },
    status: undefined,
  },
  'VM.destroy of a VM that shrinks': { ...SHRINKING, verb: 'destroy', status: undefined },
  'VM.shutdown': { verb: 'shutdown', params: OFF, status: 'Down' },
  'VM.shutdown of a VM that shrinks': {
    ...SHRINKING,
    verb: 'shutdown',
    params: OFF,
    status: 'Down',
  },
  'VM.shutdown with force of a guest that ignores it': {
    setup: { words: 'ignores-shutdown' },
    verb: 'shutdown',
    params: { ...OFF, force: true, timeout: 5 },
    status: 'Down',
    isForgotten: true,
  },
  'VM.shutdown with reboot': {
    verb: 'shutdown',
    params: { ...OFF, reboot: true },
    status: 'Up',
  },
  'VM.shutdown with reboot of a VM that shrinks': {
    ...SHRINKING,
    verb: 'shutdown',
    params: { ...OFF, reboot: true },
    status: 'Up',
  },
  'VM.reset': { verb: 'reset', status: 'Up' },
  'VM.pause': { verb: 'pause', status: 'Paused' },
  'VM.cont': { verb: 'cont', status: 'Up', isPaused: true },
};

/** Plays an action with one fault, or none, and returns what is wrong afterwards. */
async function played(action: Action, strike?: Strike) {
  const { setup, isPaused = false, isForgotten = false } = action;
  const stage = await openStage({ ...(setup && { setup }) });
  const { world, boundary, ask } = stage;
  if (isPaused) await ask('pause');
  begin(stage, strike ? [strike] : []);
  const isAccepted = await acted(stage, action);
  const crossings = [...boundary.crossings];
  boundary.calm();
  const isKill = strike?.fault === 'vmemd is killed';
  if (isKill && !world.isDead) return { crossings, complaints: ['the crossing is not reached'] };
  await recover(stage);
  const isSure = isAccepted && !(isKill && isForgotten);
  return { crossings, complaints: await wrongAfter(stage, possible(action, isSure)) };
}

/** Returns what is wrong after an action that leaves the VM in one of these states. */
async function wrongAfter(stage: Stage, right: readonly (string | undefined)[]): Promise<string[]> {
  const { world, vmID } = stage;
  const found = await statuses(world);
  const is = found.vms[vmID];
  return [
    ...untrue(found),
    ...(right.includes(is) ? [] : [`it is ${String(is)}`]),
    ...(is === 'Up' ? unsound(await seen(world, vmID)) : []),
    ...(await changedByStart(stage, found)),
    ...(await notCreatedAgain(stage, vmID, parameters())),
  ];
}

/** Sends an action and lets its time go by; returns whether it was accepted. */
async function acted({ world, ask }: Stage, action: Action): Promise<boolean> {
  const { verb, params = {}, meanwhile } = action;
  if (meanwhile) ask(meanwhile.verb, meanwhile.params).catch(() => undefined);
  const answer = { isAccepted: false };
  ask(verb, params).then(
    () => (answer.isAccepted = true),
    () => undefined,
  );
  await world.seconds(20);
  return answer.isAccepted;
}

/** The status after an action: that which it asks for, or if that is not sure, the one before, or of a half destroyed VM. */
function possible({ verb, status, isPaused = false }: Action, isSure: boolean) {
  if (isSure) return [status];
  return [isPaused ? 'Paused' : 'Up', status, ...(verb === 'destroy' ? ['Down'] : [])];
}

/** Returns what another start changes, which it must not. */
async function changedByStart(stage: Stage, found: Statuses): Promise<string[]> {
  const { world, vmID } = stage;
  await start(stage);
  await world.seconds(1);
  const after = await statuses(world);
  // A VM whose domain is gone is Down only as long as this process knows it.
  const isLost = found.vms[vmID] === 'Down' && found.domains[vmID] === undefined;
  const [was, became] = [found, after].map((part) => JSON.stringify(part));
  return isLost || was === became ?
      []
    : [`another start changes ${String(was)} to ${String(became)}`];
}

const EVERY = every(6);

const CASES = Object.entries(ACTIONS).flatMap(([name, action]) =>
  FAULTS.filter((fault) => fault !== 'the file cannot be written').map((fault) => ({
    name,
    action,
    fault,
  })),
);

test.each(CASES)(
  '$name is true to the host, and can be repeated, if at any crossing $fault',
  async ({ action, fault }) => {
    const complaints = await swept({
      fault,
      play: (strike) => played(action, strike),
      isTried: (at) => (at + FAULTS.indexOf(fault)) % EVERY === 0,
    });
    expect(complaints).toEqual({});
  },
);
