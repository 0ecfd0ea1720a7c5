import { describe, expect, test } from '@jest/globals';
import { createCaller } from '../../support/call.ts';
import { idOf } from '../../support/world.ts';
import { GIB, LoopWorld, MIB } from './loopWorld.ts';

type Transport = 'stomp' | 'websocket' | 'rest';

/** A client with one connection. */
function client(loop: LoopWorld, transport: Transport) {
  const peer = { ...createCaller().peer, transport };
  return {
    readAll: () => loop.world.call('Host.getAllVmStats', {}, { peer }),
    set: (n: number, mib = 3900) =>
      loop.world.call('VM.setBalloonTarget', { vmID: idOf(n), target: mib * MIB }, { peer }),
  };
}

async function acting(options = {}): Promise<LoopWorld> {
  const loop = await LoopWorld.open(3, options);
  loop.host.own = 10 * GIB;
  await loop.setPolicy({ mode: 'act' });
  return loop;
}

const modes = (loop: LoopWorld) => [...new Set(loop.rounds.map(({ mode }) => mode))];

describe('a client that does as MoM does keeps the policy from acting', () => {
  test.each<[string, Transport, (mom: ReturnType<typeof client>) => Promise<unknown>[]]>([
    ['over STOMP, with a target', 'stomp', (mom) => [mom.readAll(), mom.set(1)]],
    ['over STOMP, with targets of two VMs', 'stomp', (mom) => [mom.set(1), mom.set(2)]],
    [
      'over WebSocket, with targets of two VMs',
      'websocket',
      (mom) => [mom.readAll(), mom.set(1), mom.set(2)],
    ],
  ])('%s', async (_, transport, requests) => {
    const loop = await acting();
    await loop.world.during(1, Promise.all(requests(client(loop, transport))));
    loop.rounds.length = 0;
    await loop.run(50);
    expect(modes(loop)).toEqual(['observe']);
    expect(loop.policy.obstacle).toMatch(/a MoM is connected/);
    expect(await loop.setPolicy({})).toMatchObject({
      mode: 'act',
      not_acting_because: expect.stringContaining('silent for 60 s'),
    });
    expect(loop.lines({ level: 40 })).toHaveLength(1);
  });

  test('as long as it asks, and for a minute after that', async () => {
    const loop = await acting();
    const mom = client(loop, 'stomp');
    await mom.readAll();
    await mom.set(1);
    for (let round = 0; round < 8; round += 1) {
      await loop.run(15);
      await mom.readAll();
    }
    expect(modes(loop)).toEqual(['observe']);
    loop.rounds.length = 0;
    await loop.run(90);
    expect(modes(loop)).toEqual(['observe', 'act']);
    expect(loop.lines({ level: 30, msg: 'MoM is gone: the policy acts again' })).toHaveLength(1);
  });

  test('and its targets are no wishes of people: they pin no VM', async () => {
    const loop = await acting();
    const mom = client(loop, 'stomp');
    await mom.readAll();
    await mom.set(1);
    await loop.run(120);
    expect(loop.asked(1)).toBeGreaterThan(0);
  });
});

describe('no MoM is', () => {
  test.each<[string, Transport, (person: ReturnType<typeof client>) => Promise<unknown>[]]>([
    ['a person who sets one target', 'websocket', (one) => [one.readAll(), one.set(1)]],
    ['a person with vdsm-client', 'stomp', (one) => [one.set(1)]],
    ['a script that sets many targets', 'rest', (one) => [one.set(1), one.set(2), one.set(3)]],
    ['an engine, which only reads', 'stomp', (one) => [one.readAll(), one.readAll()]],
  ])('%s', async (_, transport, requests) => {
    const loop = await acting();
    await loop.world.during(1, Promise.all(requests(client(loop, transport))));
    await loop.run(30);
    expect(modes(loop)).toEqual(['act']);
  });
});

test('a MoM that answers at its socket keeps the policy from acting, until it is gone', async () => {
  let isActive = true;
  const mom = { isActive: () => Promise.resolve(isActive) };
  const loop = await acting({ policy: { mom } });
  await loop.run(30);
  expect(modes(loop)).toEqual(['observe']);
  expect(loop.policy.obstacle).toMatch(/socket of \[mom\]/);
  isActive = false;
  loop.rounds.length = 0;
  await loop.run(30);
  expect(modes(loop)).toEqual(['act']);
});
