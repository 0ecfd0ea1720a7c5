import { idOf, parameters } from '../support/world.ts';
import { type Fault, FAULTS, type Strike } from './crossing.ts';
import { type Request, REQUESTS } from './requests.ts';
import { seeded } from './seeded.ts';

/** The number of crossings of the requests of a story, more or less. */
const CROSSINGS = 160;
/** Requests are sent within so many milliseconds. */
const WITHIN = 400;
const MIB = 1024;

/** VMs of a story: the one that the requests of the other suites change, one that runs beside it, and one that is new. */
export const [SUBJECT, OTHER, NEW] = [idOf(1), idOf(2), idOf(3)];

/** A request of a story, and how it ended. */
export interface Ask {
  readonly name: string;
  readonly method: string;
  readonly params: object;
  readonly vmID?: string;
  /** What it changes, if it is one of the other suites. */
  readonly request?: Request;
  /** When it is sent, in milliseconds. */
  readonly at: number;
  answer: 'accepted' | 'failed' | 'none';
}

/** What is played for a seed. */
export interface Plan {
  readonly stage: Pick<Request, 'setup' | 'sizes'>;
  readonly asks: readonly Ask[];
  readonly strikes: readonly Strike[];
  readonly delay: () => number;
  /** Whether the policy sets targets, and the host becomes short of memory. */
  readonly isPolicyActing: boolean;
}

type Draft = Omit<Ask, 'at' | 'answer'>;
type Whole = (below: number) => number;

/** Two to four requests at about the same time, one to three faults, and an order of all that crosses. */
export function planOf(seed: number): Plan {
  const random = seeded(seed);
  const whole: Whole = (below) => Math.floor(random() * below);
  const all = Object.entries(REQUESTS);
  const stage = place(pick(all, whole)[1]);
  const mates = all.filter(
    ([, one]) =>
      JSON.stringify(place(one)) === JSON.stringify(stage) || Object.keys(place(one)).length === 0,
  );
  const asks = Array.from({ length: 2 + whole(3) }, () => {
    const draft = whole(3) > 0 ? onSubject(pick(mates, whole)) : beside(whole);
    return { ...draft, at: whole(WITHIN), answer: 'none' as const };
  });
  const strikes = Array.from({ length: 1 + whole(3) }, () => ({
    at: whole(CROSSINGS),
    fault: pick<Fault>(FAULTS, whole),
  }));
  const spread = pick([1, 5, 40], whole);
  return { stage, asks, strikes, isPolicyActing: whole(4) === 0, delay: () => 1 + whole(spread) };
}

function pick<T>(from: readonly T[], whole: Whole): T {
  const picked = from[whole(from.length)];
  if (picked === undefined) throw new Error('there is nothing to choose from');
  return picked;
}

const place = ({ setup, sizes }: Request) => ({
  ...(setup && { setup }),
  ...(sizes && { sizes }),
});

const onSubject = ([name, request]: readonly [string, Request]): Draft => ({
  name,
  method: `VM.${request.verb}`,
  params: { ...request.params, vmID: SUBJECT },
  vmID: SUBJECT,
  request,
});

/** A request that creates, ends or reboots a VM, sets the target of another one, reserves memory or sets the policy. */
function beside(whole: Whole): Draft {
  const vmID = whole(4) === 0 ? SUBJECT : OTHER;
  const onVm = (verb: string, params: object = {}): Draft => ({
    name: `VM.${verb} of ${names[vmID] ?? ''}`,
    method: `VM.${verb}`,
    params: { vmID, ...params },
    vmID,
  });
  const off = { delay: '0', message: '' };
  return pick<() => Draft>(
    [
      create,
      create,
      () => onVm('destroy'),
      () => onVm('shutdown', off),
      () => onVm('shutdown', { ...off, reboot: true }),
      () => onVm('reset'),
      () => onVm('pause'),
      () => onVm('setBalloonTarget', { target: (600 + whole(400)) * MIB }),
      () => onVm('setGuaranteedMemory', { guaranteed: 300 + whole(500) }),
      () => reserve(whole),
      () => reserve(whole),
      () => ({ name: 'Host.setPolicy', method: 'Host.setPolicy', params: { mode: 'observe' } }),
    ],
    whole,
  )();
}

const names: Readonly<Record<string, string>> = { [SUBJECT]: 'the VM', [OTHER]: 'another VM' };

const create = (): Draft => ({
  name: 'VM.create',
  method: 'VM.create',
  params: { vmID: NEW, vmParams: parameters(3) },
  vmID: NEW,
});

const reserve = (whole: Whole): Draft => ({
  name: 'Host.reserveMemory',
  method: 'Host.reserveMemory',
  params: { amount: (200 + whole(2500)) * MIB, deadline: 30 },
});
