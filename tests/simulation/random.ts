import { Milliseconds } from '../../src/common/units.ts';
import { begin, openStage, recover, start, told, type Stage } from './stage.ts';
import { type Fault, FAULTS, type Strike } from './boundary.ts';
import { differences, seen, type Seen, unsound } from './judgement.ts';
import { type Request, REQUESTS } from './requests.ts';
import { seeded } from './seeded.ts';

/** All that a request can take, with the faults in it. */
const STORY_S = 150;
/** The number of crossings of two requests, more or less. */
const CROSSINGS = 120;

interface Ask {
  readonly name: string;
  readonly request: Request;
  /** When it is sent, in milliseconds. */
  readonly at: number;
  answer: 'accepted' | 'failed' | 'none';
}

/** What is played for a seed. */
interface Plan {
  readonly asks: readonly Ask[];
  readonly strikes: readonly Strike[];
  readonly delay: () => number;
}

/** Two or three requests on one VM at about the same time, two faults, and an order of all that crosses. */
function planOf(seed: number): Plan {
  const random = seeded(seed);
  const whole = (below: number): number => Math.floor(random() * below);
  const all = Object.entries(REQUESTS);
  const [, stage] = all[whole(all.length)] ?? raise();
  const mates = all.filter(
    ([, one]) =>
      JSON.stringify(place(one)) === JSON.stringify(place(stage)) ||
      (one.setup === undefined && one.sizes === undefined),
  );
  const asks = Array.from({ length: 2 + whole(2) }, () => {
    const [name, request] = mates[whole(mates.length)] ?? raise();
    return {
      name,
      request: { ...request, ...place(stage) },
      at: whole(400),
      answer: 'none' as const,
    };
  });
  const strikes = Array.from({ length: 1 + whole(2) }, () => ({
    at: whole(CROSSINGS),
    fault: FAULTS[whole(FAULTS.length)] ?? ('vmemd is killed' satisfies Fault),
  }));
  const spread = [1, 5, 40][whole(3)] ?? 1;
  return { asks, strikes, delay: () => 1 + whole(spread) };
}

const raise = (): never => {
  throw new Error('there are no requests');
};

const place = ({ setup, sizes }: Pick<Request, 'setup' | 'sizes'>) => ({
  ...(setup && { setup }),
  ...(sizes && { sizes }),
});

/** Plays a seed; returns what is wrong, and the story for a reader. */
export async function playedSeed(seed: number) {
  const plan = planOf(seed);
  const stage = await openStage(plan.asks[0]?.request ?? raise());
  const complaints = await complaintsOn(stage, plan).catch((error: unknown) => [String(error)]);
  const requests = plan.asks.map(
    ({ name, at, answer }) => `${String(at).padStart(5)} ms  ${name}: ${ANSWERS[answer]}`,
  );
  const { crossings } = stage.boundary;
  const story = [`seed ${String(seed)}`, ...requests, told(crossings), ...complaints].join('\n');
  return { complaints, story };
}

async function complaintsOn(stage: Stage, { asks, strikes, delay }: Plan): Promise<string[]> {
  const { world, boundary, vmID } = stage;
  const before = await seen(world, vmID);
  begin(stage, delay, strikes);
  for (const ask of asks) send(stage, ask);
  for (let passed = 0; passed < STORY_S; passed += 5) {
    await world.seconds(5);
    if (world.isDead) await start(world);
    void world.vms.sample().catch(() => undefined);
  }
  boundary.calm();
  await recover(world);
  const after = await seen(world, vmID);
  const complaints = [...unsound(after), ...forgotten(asks, before, after)];
  await start(world);
  await world.seconds(1);
  return [...complaints, ...differences(after, await seen(world, vmID))];
}

const ANSWERS = { accepted: 'accepted', failed: 'failed', none: 'not answered' };

function send({ world, ask }: Stage, one: Ask): void {
  const { request, at } = one;
  const { clock } = world;
  clock.after(Milliseconds(at), () => {
    if (world.isDead) return;
    const life = world.vms;
    ask(request.verb, request.params).then(
      () => {
        one.answer = 'accepted';
      },
      () => {
        if (world.vms === life && !world.isDead) one.answer = 'failed';
      },
    );
  });
}

type Field = 'guaranteed' | 'period';
const FIELDS: readonly Field[] = ['guaranteed', 'period'];

/** Returns the values that were accepted and are not in force, and those in force that no request set. */
function forgotten(asks: readonly Ask[], before: Seen, after: Seen): string[] {
  return FIELDS.flatMap((field) => {
    const asking = asks.filter(({ request }) => request[field] !== undefined);
    const found = after.now[field];
    const possible = [before.now[field], ...asking.map(({ request }) => request[field])];
    if (!possible.includes(found)) return [`no request set ${field} to ${String(found)}`];
    const [only] = asking;
    // A failed call may have kept VM.setMemory, and what waits for a device, from the rest of its work.
    const isSure = asking.length === 1 && only?.request.verb.startsWith('set') === true;
    const isHeld = found === only?.request[field];
    if (!isSure || only.request.verb === 'setMemory' || only.answer !== 'accepted' || isHeld)
      return [];
    return [`${only.name} was accepted, but ${field} is ${String(found)}`];
  });
}
