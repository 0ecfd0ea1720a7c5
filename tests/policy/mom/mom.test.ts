import { describe, expect, test } from '@jest/globals';
import { Mom } from '../../../src/policy/mom/mom.ts';
import { MomClient } from '../../../src/policy/mom/momClient.ts';
import { Milliseconds } from '../../../src/common/units.ts';
import { recorder } from '../../support/call.ts';
import { type FakeMom, saying, useMom } from '../../support/fakeMom.ts';
import { until } from '../../support/until.ts';
import { VirtualClock } from '../../support/virtualClock.ts';

const fixture = useMom();

function opened() {
  const clock = new VirtualClock();
  const { lines, log } = recorder();
  const client = new MomClient(fixture.mom.path, clock);
  const seconds = (n: number) => clock.advance(Milliseconds(n * 1000));
  return { fake: fixture.mom, mom: new Mom({ clock, log, client }), lines, seconds };
}
const given = (fake: FakeMom) => fake.calls.map(({ params }) => params);
const BALLOON = ['01-parameters', '(set balloonEnabled True)'];
const BOTH = ['01-parameters', '(set balloonEnabled True)\n(set ksmEnabled False)'];

describe('without a MoM', () => {
  const alone = () => new Mom({ clock: new VirtualClock(), log: recorder().log });

  test('parameters are kept', async () => {
    const mom = alone();
    await mom.setParameters({ balloonEnabled: true });
    mom.greet({});
    expect(mom.parameters).toEqual({ balloonEnabled: true });
    expect(await mom.isActive()).toBe(false);
    expect(mom.wasActive).toBeUndefined();
  });

  test('setting a policy is refused', async () => {
    await expect(alone().setPolicy('x')).rejects.toThrow('no MoM is configured; set socket_path');
  });
});

test('reports whether MoM runs', async () => {
  const { fake, mom, seconds } = opened();
  expect(mom.wasActive).toBeUndefined();
  expect(await mom.isActive()).toBe(true);
  expect(mom.wasActive).toBe(true);
  await fake.stop();
  expect(await mom.isActive()).toBe(false);
  expect(mom.wasActive).toBe(false);
  await fake.start();
  await seconds(5);
  expect(await mom.isActive()).toBe(true);
});

test('parameters add up, later ones take precedence, and MoM gets all of them each time', async () => {
  const { fake, mom } = opened();
  await mom.setParameters({ balloonEnabled: true });
  await mom.setParameters({ ksmEnabled: true });
  await mom.setParameters({ ksmEnabled: false });
  expect(given(fake)).toEqual([
    BALLOON,
    ['01-parameters', '(set balloonEnabled True)\n(set ksmEnabled True)'],
    BOTH,
  ]);
  expect(mom.parameters).toEqual({ balloonEnabled: true, ksmEnabled: false });
});

test('parameters are saved before MoM gets them, so that a crash between loses none', async () => {
  const fake = fixture.mom;
  const clock = new VirtualClock();
  const order: string[] = [];
  const mom = new Mom({
    client: new MomClient(fake.path, clock),
    clock,
    log: recorder().log,
    keep: () => {
      order.push(`saved after ${String(fake.calls.length)} calls`);
      return Promise.resolve();
    },
  });
  await mom.setParameters({ balloonEnabled: true });
  expect([order, given(fake)]).toEqual([['saved after 0 calls'], [BALLOON]]);
});

describe('a MoM that connects', () => {
  test('gets the parameters when its own socket is open, once per connection', async () => {
    const { fake, mom, seconds } = opened();
    await mom.setParameters({ balloonEnabled: true });
    fake.calls.length = 0;
    const peer = {};
    mom.greet(peer);
    await seconds(1);
    expect(fake.calls).toEqual([]);
    await seconds(2);
    await until(() => fake.calls.length === 1);
    mom.greet(peer);
    await seconds(60);
    expect(given(fake)).toEqual([BALLOON]);
    mom.greet({});
    await seconds(3);
    await until(() => fake.calls.length === 2);
  });

  test('also gets parameters that are set after it has connected', async () => {
    const { fake, mom, seconds } = opened();
    await mom.setParameters({ balloonEnabled: true });
    mom.greet({});
    await mom.setParameters({ ksmEnabled: false });
    await seconds(3);
    await until(() => fake.calls.length >= 2);
    expect(given(fake).at(-1)).toEqual(BOTH);
  });

  test('gets nothing if no parameter was ever set', async () => {
    const { fake, mom, seconds } = opened();
    mom.greet({});
    await seconds(60);
    expect(fake.calls).toEqual([]);
  });

  test('is called again if its socket opens late, or a call failed a moment ago', async () => {
    const { fake, mom, lines, seconds } = opened();
    await fake.stop();
    await mom.setParameters({ balloonEnabled: true });
    expect(lines).toHaveLength(1);
    mom.greet({});
    await seconds(2);
    await until(() => lines.length === 2);
    await fake.start();
    await seconds(6);
    await until(() => fake.calls.length === 1);
    expect(given(fake)).toEqual([BALLOON]);
    await seconds(60);
    expect(fake.calls).toHaveLength(1);
  });
});

test('parameters that MoM does not accept are kept, logged, and sent five times', async () => {
  const { fake, mom, lines, seconds } = opened();
  fake.says(saying(false));
  await mom.setParameters({ balloonEnabled: true });
  for (let n = 2; n <= 5; n += 1) {
    await seconds(6);
    await until(() => lines.length === n);
  }
  await seconds(600);
  expect(given(fake)).toEqual(Array(5).fill(BALLOON));
  expect(lines[0]).toMatchObject({ level: 40, err: { message: 'MoM refused setNamedPolicy' } });
});
