import { setTimeout as sleep } from 'node:timers/promises';
import { beforeAll, expect, it } from '@jest/globals';
import { CallFailedError } from '../../../src/client/index.ts';
import { atEnd } from '../../live/cleanup.ts';
import { eventually, type Guest } from '../../live/guest.ts';
import { needs } from '../../support/needs.ts';
import type { WsClient } from '../../support/wsClient.ts';
import { figure, isLong, random } from '../form.ts';
import { percentile, timed } from './latency.ts';
import { LiveHost } from './liveHost.ts';

const MIB = 1024;
const OUTAGE_MS = isLong ? 30_000 : 5000;
/** What clients poll; none of it may wait for libvirt. */
const READS = ['Host.ping2', 'Host.getAllVmStats', 'Host.getVMList', 'Events.subscribe'];
/** Longer than vmemd needs to find libvirt again, after attempts that it makes less and less often. */
const MOST_RECOVERY_MS = 60_000;

/** The requests on one guest, one after the other. */
interface Story {
  readonly guest: Guest;
  accepted: number;
  /** Those since then: each may have taken effect. */
  failed: number[];
  answers: number;
}

needs('libvirtd', 'VMEMD_TEST_GUEST')('libvirtd under load', () => {
  let host: LiveHost;
  let reader: WsClient;
  let guests: readonly Guest[];
  const later = atEnd();
  const next = random(5);

  /** Sets targets on a guest until the signal, one after the other; returns what must hold then. */
  const setTargets = async (guest: Guest, until: AbortSignal): Promise<Story> => {
    const { balloon_target } = await guest.balloon();
    const story: Story = { guest, accepted: Number(balloon_target), failed: [], answers: 0 };
    while (!until.aborted) {
      const target = (300 + Math.floor(next() * 200)) * MIB;
      try {
        await guest.setTarget(target);
        Object.assign(story, { accepted: target, failed: [] });
      } catch (error) {
        if (!(error instanceof CallFailedError)) throw error;
        story.failed.push(target);
      }
      story.answers += 1;
      await sleep(20);
    }
    return story;
  };

  /** Reads until the signal; returns how long each answer took, in milliseconds. */
  const read = async (until: AbortSignal): Promise<readonly number[]> => {
    const times: number[] = [];
    while (!until.aborted) {
      for (const verb of READS) times.push(await timed(() => reader.call(verb)));
      times.push(await timed(() => fetch(new URL('/healthz', host.httpUrl))));
      await sleep(20);
    }
    return times;
  };

  /** What vmemd, libvirt and the guest's own balloon say of the target, in KiB. */
  const targets = async ({ id }: Guest): Promise<readonly number[]> => {
    const { balloon_target, balloon_cur } = (await reader.call('VM.getBalloonInfo', {
      vmID: id,
    })) as Awaited<ReturnType<Guest['balloon']>>;
    const xml = await host.libvirtd.virsh('dumpxml', id);
    const given = /<currentMemory[^>]*>(\d+)</.exec(xml)?.[1];
    return [balloon_target, balloon_cur, given].map(Number);
  };

  beforeAll(async () => {
    host = await LiveHost.open(later);
    reader = await host.newClient();
    guests = [await host.guest(), await host.guest()];
    await Promise.all(guests.map((guest) => guest.booted()));
  });

  it.each([
    [
      'stopped',
      async () => {
        await host.libvirtd.signal('SIGTERM');
        await sleep(OUTAGE_MS);
        await host.libvirtd.start();
      },
    ],
    [
      'frozen',
      async () => {
        await host.libvirtd.signal('SIGSTOP');
        await sleep(OUTAGE_MS);
        await host.libvirtd.signal('SIGCONT');
      },
    ],
  ])(
    'that is %s fails requests for that time, holds up no reader, and loses nothing',
    async (how, outage) => {
      const stop = new AbortController();
      const stories = Promise.all(guests.map((guest) => setTargets(guest, stop.signal)));
      const reads = new AbortController();
      const times = read(reads.signal);
      await sleep(500);
      await outage();
      const back = performance.now();
      reads.abort();
      const taken = await times;
      const [guest] = guests;
      await eventually(
        () =>
          reader
            .call('VM.setMemoryStatsPeriod', { vmID: guest?.id, period: 1 })
            .catch(() => undefined),
        (answer) => answer !== undefined,
      );
      const recovery = performance.now() - back;
      stop.abort();
      for (const { guest: one, accepted, failed, answers } of await stories) {
        expect(answers).toBeGreaterThan(0);
        const found = await eventually(
          () => targets(one),
          (all) => new Set(all).size === 1,
        );
        expect([accepted, ...failed]).toContain(found[0]);
      }
      expect(recovery).toBeLessThan(MOST_RECOVERY_MS);
      figure(
        `libvirtd ${how} ${String(OUTAGE_MS / 1000)} s under load: ${String(taken.length)} reads meanwhile, p50 ${percentile(taken, 0.5)} ms, ` +
          `p99 ${percentile(taken, 0.99)} ms, at most ${percentile(taken, 1)} ms; VMs change again after ${(recovery / 1000).toFixed(1)} s`,
      );
    },
  );
});
