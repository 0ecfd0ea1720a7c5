import { expect, test } from '@jest/globals';
import { heartBeatHeader, keepHeartBeat, negotiate } from '../../../src/server/stomp/heartBeat.ts';
import { Milliseconds } from '../../../src/common/units.ts';
import { VirtualClock } from '../../support/virtualClock.ts';

test.each([
  ['0,24000', '24000,0'],
  ['5000,0', '0,5000'],
  ['1,2', '1000,1000'],
  ['0,0', '0,0'],
  [' 2000 , 3000 ', '3000,2000'],
  [undefined, '0,0'],
  ['', '0,0'],
  ['soon', '0,0'],
  ['-5,7', '0,0'],
  ['1000', '0,0'],
  ['1000,1000,1000', '0,0'],
  ['x1000,1000', '0,0'],
])('%j is answered by %j', (wish, answer) => {
  expect(heartBeatHeader(negotiate(wish))).toBe(answer);
});

function watch(header: string) {
  const clock = new VirtualClock();
  const seen = { beats: 0, lost: 0, sentAt: clock.now(), receivedAt: clock.now() };
  const cancel = keepHeartBeat(negotiate(header), {
    clock,
    sentAt: () => seen.sentAt,
    receivedAt: () => seen.receivedAt,
    beat: () => {
      seen.beats++;
      seen.sentAt = clock.now();
    },
    lost: () => seen.lost++,
  });
  return { seen, cancel, clock, advance: (ms: number) => clock.advance(Milliseconds(ms)) };
}

test('a heart-beat is sent only if nothing else was', async () => {
  const { seen, clock, advance } = watch('0,1000');
  await advance(900);
  seen.sentAt = clock.now();
  await advance(900);
  expect(seen.beats).toBe(0);
  await advance(100);
  expect(seen.beats).toBe(1);
  await advance(5000);
  expect(seen).toMatchObject({ beats: 6, lost: 0 });
});

test('a client is lost after twice its interval', async () => {
  const { seen, clock, advance } = watch('1000,0');
  await advance(1500);
  seen.receivedAt = clock.now();
  await advance(1999);
  expect(seen.lost).toBe(0);
  await advance(1);
  expect(seen).toMatchObject({ lost: 1, beats: 0 });
});

test.each([
  ['1000,1000', 1],
  ['1000,0', 0],
  ['0,1000', 1],
  ['0,0', 0],
])('nothing happens after cancelling the heart-beats of %s', async (header, beats) => {
  const { seen, cancel, advance } = watch(header);
  await advance(1500);
  cancel();
  await advance(10_000);
  expect(seen).toMatchObject({ beats, lost: 0 });
});
