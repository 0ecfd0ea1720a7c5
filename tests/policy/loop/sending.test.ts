import { describe, expect, test } from '@jest/globals';
import { HypervisorError } from '../../../src/host/hypervisor.ts';
import { never } from '../../support/faults.ts';
import { idOf } from '../../support/world.ts';
import { GIB, LoopWorld, seconds } from './loopWorld.ts';

/** Three guests on a host that lacks memory, with a policy that is about to act. */
async function shortOfMemory(options = {}): Promise<LoopWorld> {
  const loop = await LoopWorld.open(3, options);
  loop.host.own = 10 * GIB;
  return loop;
}

test('nothing is decided or sent by default', async () => {
  const loop = await shortOfMemory();
  await loop.run(60);
  expect(loop.rounds).toEqual([]);
  expect(loop.sizes).toEqual([4096, 4096, 4096]);
});

describe('a VM whose QEMU hangs', () => {
  test('delays no other VM, and is not asked again while it hangs', async () => {
    const loop = await shortOfMemory();
    const { faults, host } = loop.world;
    const asked: string[] = [];
    faults.setBalloon = (uuid, ...more) => {
      asked.push(uuid);
      return uuid === idOf(1) ? never() : host.setBalloon(uuid, ...more);
    };
    await loop.setPolicy({ mode: 'act' });
    await loop.run(15);
    expect(asked.filter((uuid) => uuid === idOf(1))).toHaveLength(1);
    expect(loop.policy.asked.get(idOf(1))).toMatchObject({ outcome: 'pending' });
    const times = loop.rounds.map(({ at }) => at);
    expect(times.length).toBeGreaterThan(2);
    for (const [index, at] of times.slice(1).entries()) expect(at - (times[index] ?? 0)).toBe(5000);
    for (const size of loop.sizes.slice(1)) expect(size).toBeLessThan(4096);
  });

  test('is exempt once libvirt shows that it hangs, and asked again when it goes on', async () => {
    const loop = await shortOfMemory();
    const goOn = loop.world.host.guest(idOf(1)).hang();
    await loop.run(5);
    await loop.setPolicy({ mode: 'act' });
    await loop.run(60);
    expect(loop.asked(1)).toBe(0);
    expect(loop.rounds.at(-1)?.decisions[0]?.reason.rule).toBe('not-answering');
    goOn();
    await loop.run(60);
    expect(loop.sizes[0]).toBeLessThan(4096);
  });
});

test('an error of one VM is logged once, and does not concern the others', async () => {
  const loop = await shortOfMemory();
  const { faults, host } = loop.world;
  faults.setBalloon = (uuid, ...more) =>
    uuid === idOf(1) ?
      Promise.reject(new HypervisorError('failed', 'no way'))
    : host.setBalloon(uuid, ...more);
  await loop.setPolicy({ mode: 'act' });
  await loop.run(120);
  expect(loop.lines({ level: 40, vmId: idOf(1) })).toHaveLength(1);
  expect(loop.policy.asked.get(idOf(1))).toMatchObject({
    outcome: 'failed',
    reason: expect.stringContaining('no way'),
  });
  for (const size of loop.sizes.slice(1)) expect(size).toBeLessThan(3500);
  delete faults.setBalloon;
  await loop.run(180);
  expect(loop.sizes[0]).toBeLessThan(4096);
  expect(loop.lines({ level: 30, msg: 'a target of the policy could be set again' })).toHaveLength(
    1,
  );
});

test('without a connection no round is held, and the targets that were lost are sent after it', async () => {
  const loop = await shortOfMemory();
  await loop.setPolicy({ mode: 'act' });
  loop.world.host.disconnect();
  await loop.world.seconds(30);
  expect(loop.rounds).toEqual([]);
  loop.world.host.reconnect();
  await loop.run(60);
  for (const size of loop.sizes) expect(size).toBeLessThan(4096);
});

test('a host whose memory cannot be read is reported once, and decided on as soon as it can', async () => {
  const loop = await shortOfMemory();
  loop.host.error = new Error('no meminfo');
  await loop.setPolicy({ mode: 'act' });
  await loop.run(30);
  expect(loop.rounds).toEqual([]);
  expect(loop.lines({ level: 40, reason: 'no meminfo' })).toHaveLength(1);
  loop.host.error = undefined;
  await loop.run(10);
  expect(loop.rounds.length).toBeGreaterThan(0);
});

test('a balloon at rest is sent nothing', async () => {
  const loop = await shortOfMemory();
  await loop.setPolicy({ mode: 'act' });
  await loop.run(600);
  const calls = loop.world.calls.filter((name) => name === 'setBalloon').length;
  await loop.run(600);
  expect(loop.world.calls.filter((name) => name === 'setBalloon')).toHaveLength(calls);
});

test('a target by mom that a balloon does not follow is not repeated in each round', async () => {
  const loop = await LoopWorld.open(1);
  loop.host.own = 15 * GIB;
  loop.world.host.guest(idOf(1)).setBehaviour({ balloonDelay: seconds(3600) });
  const { faults, host } = loop.world;
  const targets: number[] = [];
  faults.setBalloon = (uuid, target, options) => {
    targets.push(target);
    return host.setBalloon(uuid, target, options);
  };
  await loop.setPolicy({ mode: 'act', algorithm: 'mom', parameters: { window: 1 } });
  await loop.run(55);
  const wanted = loop.rounds.filter(({ decisions }) => decisions[0]?.target);
  expect(wanted.length).toBeGreaterThan(5);
  // Once more after the balloon counts as one that something else has moved.
  expect(targets.length).toBeLessThanOrEqual(2);
});

test('a stopping loop waits for what it has sent, and sends nothing more', async () => {
  const loop = await shortOfMemory();
  const { faults, host } = loop.world;
  const release: (() => void)[] = [];
  faults.setBalloon = (...args) =>
    new Promise((resolve) => {
      release.push(() => {
        resolve(host.setBalloon(...args));
      });
    });
  await loop.setPolicy({ mode: 'act' });
  await loop.run(5);
  const sent = release.length;
  expect(sent).toBeGreaterThan(0);
  let hasStopped = false;
  const stopping = loop.policy.stop().then(() => (hasStopped = true));
  await loop.world.seconds(0.1);
  expect(hasStopped).toBe(false);
  for (const each of release) each();
  await loop.world.during(1, stopping);
  await loop.run(60);
  expect(release).toHaveLength(sent);
});

test('a policy that is switched off in mid-round sends what it has not sent yet no more', async () => {
  const loop = await shortOfMemory();
  const { faults, host } = loop.world;
  let read = 0;
  faults.domainXml = async (...args) => {
    read += 1;
    if (read === 1) await loop.setPolicy({ mode: 'off' });
    return host.domainXml(...args);
  };
  await loop.setPolicy({ mode: 'act' });
  await loop.run(10);
  delete faults.domainXml;
  await loop.run(60);
  expect(loop.world.calls.filter((name) => name === 'setBalloon').length).toBeLessThanOrEqual(1);
});

describe('a vmemd that is killed in mid-round', () => {
  test.each(['before', 'sent', 'done'] as const)(
    'goes on from the records, if its second target is %s',
    async (when) => {
      const loop = await shortOfMemory();
      loop.world.killAt({ call: 2, operation: 'setBalloon', when });
      await loop.setPolicy({ mode: 'act' });
      await loop.world.seconds(10);
      expect(loop.world.isDead).toBe(true);
      await loop.world.restart();
      loop.start();
      await loop.setPolicy({ mode: 'act' });
      await loop.run(120);
      expect(loop.host.available).toBeGreaterThanOrEqual(0.2 * loop.host.total);
      expect(loop.sizes).toEqual(loop.targets);
    },
  );
});
