import { KiB, Milliseconds } from '../../src/common/units.ts';
import { FakeHost, GIB } from '../policy/loop/loopWorld.ts';
import { told } from './crossing.ts';
import { differences } from './judgement.ts';
import { type Ask, type Plan, planOf } from './plan.ts';
import { begin, openStage, recover, start, startFully, type Stage } from './stage.ts';
import { sight, wrong } from './sight.ts';

/** All that a request can take, with the faults in it. */
const STORY_S = 150;
const MEMORY = KiB(6 * GIB);
/** What else than guests uses of the host when it is short. */
const SHORT = 3.5 * GIB;
/** The time for a policy that is off, and for balloons, to come to rest. */
const REST_S = 30;

/** Plays a seed; returns what is wrong, and the story for a reader. */
export async function playedSeed(seed: number) {
  const plan = planOf(seed);
  const host = new FakeHost();
  host.total = MEMORY;
  const { setup, sizes } = plan.stage;
  const stage = await openStage({
    setup: { ...setup, hostMemory: MEMORY, policy: { host } },
    ...(sizes && { sizes }),
  });
  host.world = stage.world;
  const complaints = await complaintsOn(stage, plan, host).catch((error: unknown) => [
    String(error),
  ]);
  const requests = plan.asks.map(
    ({ name, at, answer }) => `${String(at).padStart(5)} ms  ${name}: ${ANSWERS[answer]}`,
  );
  const { crossings } = stage.boundary;
  const policy = plan.isPolicyActing ? ['the policy acts'] : [];
  const story = [`seed ${String(seed)}`, ...policy, ...requests, told(crossings), ...complaints];
  return { complaints, story: story.join('\n') };
}

const ANSWERS = { accepted: 'accepted', failed: 'failed', none: 'not answered' };

async function complaintsOn(stage: Stage, plan: Plan, host: FakeHost): Promise<string[]> {
  const { world, boundary } = stage;
  await world.boot(2);
  if (plan.isPolicyActing) await world.call('Host.setPolicy', { mode: 'act' });
  world.policy.start();
  await world.sampledFor(15);
  const before = await sight(world);
  begin(stage, plan.strikes, { delay: plan.delay });
  for (const ask of plan.asks) send(stage, ask);
  if (plan.isPolicyActing) host.own = SHORT;
  await live(stage, STORY_S);
  boundary.calm();
  await world.call('Host.setPolicy', { mode: 'off' });
  await recover(stage);
  await live(stage, REST_S);
  const after = await sight(world);
  const complaints = wrong(plan, before, after);
  await startFully(stage);
  const last = await sight(world);
  for (const [id, seen] of Object.entries(after.vms)) {
    const now = last.vms[id];
    if (!now) complaints.push(`a restart loses ${id}`);
    else complaints.push(...differences(seen, now));
  }
  if (JSON.stringify(last.held) !== JSON.stringify(after.held)) {
    complaints.push('a restart changes what is reserved');
  }
  return complaints;
}

/** Lets time go by, with samples, and with vmemd started again if it was killed. */
async function live(stage: Stage, n: number): Promise<void> {
  const { world } = stage;
  for (let passed = 0; passed < n; passed += 5) {
    await world.seconds(5);
    await revive(stage);
    void world.vms.sample().catch(() => undefined);
  }
  // the last sample can be where vmemd is killed
  await revive(stage);
}

async function revive(stage: Stage): Promise<void> {
  if (!stage.world.isDead) return;
  await start(stage);
  stage.world.policy.start();
}

function send({ world }: Stage, ask: Ask): void {
  world.clock.after(Milliseconds(ask.at), () => {
    if (world.isDead) return;
    const life = world.vms;
    world.call(ask.method, ask.params).then(
      () => {
        ask.answer = 'accepted';
      },
      () => {
        if (world.vms === life && !world.isDead) ask.answer = 'failed';
      },
    );
  });
}
