import { EventEmitter } from 'node:events';
import { beforeEach, expect, test } from '@jest/globals';
import { Milliseconds } from '../../../src/common/units.ts';
import { type Limits, type PeerClass, peerOf, Places } from '../../../src/server/limits/places.ts';
import { VirtualClock } from '../../support/virtualClock.ts';

class FakeSocket extends EventEmitter {
  readonly remoteAddress = '192.0.2.1';
  bytesRead = 0;
  destroyed = false;

  destroy(): this {
    this.destroyed = true;
    this.emit('close');
    return this;
  }
}

let clock: VirtualClock;
let evicted: [PeerClass, FakeSocket][];

beforeEach(() => {
  clock = new VirtualClock();
  evicted = [];
});

const open = (limits: Partial<Limits>): Places =>
  new Places({
    clock,
    limits,
    evicted: (socket, peerClass) => {
      evicted.push([peerClass, socket as unknown as FakeSocket]);
    },
  });

const socket = (): FakeSocket & Parameters<Places['take']>[0] => new FakeSocket() as never;

async function take(places: Places, peer: string, count = 1, peerClass: PeerClass = 'remote') {
  const taken = Array.from({ length: count }, socket);
  for (const each of taken) {
    places.take(each, peerClass, peer);
    await clock.advance(Milliseconds(10));
  }
  return taken;
}

const gone = () => evicted.map(([, each]) => each);

test('the peer with most connections makes room, by the one that is silent for longest', async () => {
  const places = open({ remote: { places: 5, perPeer: 4 } });
  const [first] = await take(places, 'few');
  const most = await take(places, 'most', 4);
  Object.assign(most[0] ?? {}, { bytesRead: 1 });
  await take(places, 'new');
  expect(gone()).toEqual([most[1]]);
  expect(first?.destroyed).toBe(false);
  expect(places.count('remote')).toBe(5);
});

test('a connection that sends anything, however rarely, is kept before silent ones', async () => {
  const places = open({ remote: { places: 3, perPeer: 3 } });
  const [polling, ...silent] = await take(places, 'a', 3);
  for (let minute = 1; minute <= 3; minute++) {
    await clock.advance(Milliseconds(60_000));
    Object.assign(polling ?? {}, { bytesRead: minute });
    await clock.advance(Milliseconds(5000));
  }
  await take(places, 'b', 2);
  expect(gone()).toEqual(silent);
});

test('a peer has no more than its own places, although others are free', async () => {
  const places = open({ remote: { places: 100, perPeer: 2 } });
  const [first] = await take(places, 'a', 3);
  expect(gone()).toEqual([first]);
});

test('of peers with equally many connections the longest silent makes room', async () => {
  const places = open({ remote: { places: 2, perPeer: 2 } });
  const [first] = await take(places, 'a');
  await take(places, 'b');
  await take(places, 'c');
  expect(gone()).toEqual([first]);
});

test('no class takes the places of another', async () => {
  const places = open({
    local: { places: 2, perPeer: 2 },
    remote: { places: 1, perPeer: 1 },
  });
  const [engine] = await take(places, '192.0.2.1');
  await take(places, 'user', 10, 'local');
  await take(places, 'root', 1, 'privileged');
  expect(evicted.every(([peerClass]) => peerClass === 'local')).toBe(true);
  expect(engine?.destroyed).toBe(false);
  expect(places.count('local')).toBe(2);
});

test('a connection leaves its place when more is known of it, and when it closes', () => {
  const places = open({});
  const one = socket();
  places.take(one, 'arriving', 'a');
  places.take(one, 'remote', 'a');
  expect([places.count('arriving'), places.count('remote')]).toEqual([0, 1]);
  one.destroy();
  expect(places.count('remote')).toBe(0);
  places.take(one, 'remote', 'a');
  expect(places.count('remote')).toBe(0);
});

test.each([
  ['192.0.2.1', '192.0.2.1'],
  ['2001:db8:1:2:3:4:5:6', '2001:db8:1:2'],
  ['2001:db8:1::6', '2001:db8:1'],
  ['::1', ''],
])('%s counts for %j', (address, peer) => {
  expect(peerOf(address)).toBe(peer);
});
