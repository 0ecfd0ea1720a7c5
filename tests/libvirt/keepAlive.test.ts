import { expect, test } from '@jest/globals';
import { KeepAlive, keepAlivePacket, keepAliveProcedure } from '../../src/libvirt/keepAlive.ts';
import { Milliseconds } from '../../src/common/units.ts';
import { VirtualClock } from '../support/virtualClock.ts';

function watch() {
  const clock = new VirtualClock();
  const seen = { pings: 0, deaths: 0 };
  const keepAlive = new KeepAlive({ interval: 1000, count: 2 }, clock, {
    ping: () => seen.pings++,
    dead: () => seen.deaths++,
  });
  keepAlive.start();
  return { clock, seen, keepAlive };
}

test('a ping is 28 bytes of the program "keep"', () => {
  expect(keepAlivePacket(keepAliveProcedure.ping).toString('hex')).toBe(
    '0000001c' + '6b656570' + '00000001' + '00000001' + '00000002' + '00000000' + '00000000',
  );
});

test('a peer that leaves two pings without a reply is dead', async () => {
  const { clock, seen } = watch();
  await clock.advance(Milliseconds(2999));
  expect(seen).toEqual({ pings: 2, deaths: 0 });
  await clock.advance(Milliseconds(10_000));
  expect(seen).toEqual({ pings: 2, deaths: 1 });
});

test('a peer that replies is pinged without end', async () => {
  const { clock, seen, keepAlive } = watch();
  for (let i = 0; i < 10; i++) {
    await clock.advance(Milliseconds(1000));
    keepAlive.received();
  }
  expect(seen).toEqual({ pings: 10, deaths: 0 });
});

test('sends no ping after it is stopped', async () => {
  const { clock, seen, keepAlive } = watch();
  keepAlive.stop();
  await clock.advance(Milliseconds(10_000));
  expect(seen).toEqual({ pings: 0, deaths: 0 });
});
