import { setTimeout as sleep } from 'node:timers/promises';
import { beforeAll, expect, it } from '@jest/globals';
import { atEnd } from '../../live/cleanup.ts';
import { needs } from '../../support/needs.ts';
import { figure, isLong, random } from '../form.ts';
import { answerOf, type Blow, type Stage } from './kill/blow.ts';
import { MEMORY_VERBS, remember } from './kill/memoryVerbs.ts';
import { Moments } from './kill/moments.ts';
import { OTHER_VERBS } from './kill/otherVerbs.ts';
import { percentile, quantile } from './latency.ts';
import { BARE, LiveHost } from './liveHost.ts';

const KINDS = Object.entries({ ...MEMORY_VERBS, ...OTHER_VERBS });
const KILLS = isLong ? 12 * KINDS.length : 10;
/** Longer than a guest without KVM takes to release a device on a busy machine. */
const PATIENCE_MS = 180_000;

/** Judges until nothing is wrong; returns what still is after the timeout. */
async function settled(judge: () => Promise<readonly string[]>): Promise<readonly string[]> {
  const deadline = Date.now() + PATIENCE_MS;
  for (;;) {
    const wrong = await judge().catch((error: unknown) => [String(error)]);
    if (wrong.length === 0 || Date.now() > deadline) return wrong;
    await sleep(100);
  }
}

needs('libvirtd', 'VMEMD_TEST_GUEST')('vmemd that is killed in a request', () => {
  let stage: Stage;
  let host: LiveHost;
  const later = atEnd();
  const moments = new Moments(random(2));
  const figures = { recoveries: [] as number[], settlings: [] as number[] };
  const answers = { accepted: 0, failed: 0, none: 0 };

  /** Sends a request, kills vmemd in it and starts it again; returns what is wrong then. */
  const killed = async (name: string, { send, judge }: Blow): Promise<readonly string[]> => {
    const moment = moments.next(name);
    const begin = performance.now();
    const answered = answerOf(send()).then((how) => ({ how, took: performance.now() - begin }));
    await sleep(moment);
    expect(await host.end('SIGKILL')).toBe('SIGKILL');
    const { how, took } = await answered;
    answers[how] += 1;
    if (how === 'none') moments.unanswered(name, took);
    else moments.answered(name, took);
    const start = performance.now();
    await host.start();
    await stage.guest.stats();
    const served = performance.now();
    figures.recoveries.push(served - start);
    const wrong = await settled(() => judge(how));
    figures.settlings.push(performance.now() - served);
    const found = wrong.map(
      (one) => `${name}, killed after ${moment.toFixed(1)} ms, ${how}: ${one}`,
    );
    // Printed at once: a long run may be ended before its last line.
    for (const one of found) figure(one);
    return found;
  };

  const bareXml = () => host.libvirtd.virsh('dumpxml', '--inactive', stage.bare.id);

  /** All kinds in an order of their own, again and again. */
  const order = (): typeof KINDS => {
    const next = random(4);
    const places = KINDS.map((kind) => ({ kind, place: next() }));
    return places.sort((a, b) => a.place - b.place).map(({ kind }) => kind);
  };

  beforeAll(async () => {
    host = await LiveHost.open(later);
    const bare = await host.guest(BARE);
    stage = { host, guest: await host.guest(), bare, random: random(3) };
    await stage.guest.booted();
    await remember(stage);
  });

  it('does all of it or nothing, what it has accepted, and nothing to others', async () => {
    const before = await bareXml();
    const kinds = order();
    const wrong: string[] = [];
    for (let kill = 0; kill < KILLS; kill += 1) {
      const [name, kind] = kinds[kill % kinds.length] ?? [];
      if (name && kind) wrong.push(...(await killed(name, await kind(stage))));
    }
    expect(wrong).toEqual([]);
    expect(await bareXml()).toBe(before);
    const { recoveries, settlings } = figures;
    figure(
      `vmemd killed: ${String(KILLS)} times in ${String(Math.min(KILLS, KINDS.length))} kinds of requests, ` +
        `${String(answers.none)} unanswered, ${String(answers.accepted)} accepted, ${String(answers.failed)} refused; ` +
        `serves again after ${percentile(recoveries, 0.5)} ms (p50), ${percentile(recoveries, 1)} ms at most; ` +
        `all done after further ${percentile(settlings, 0.5)} ms, ${(quantile(settlings, 1) / 1000).toFixed(1)} s at most`,
    );
  });
});
