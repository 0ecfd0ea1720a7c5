import { expect, test } from '@jest/globals';
import { MomClient } from '../../src/policy/mom/momClient.ts';
import { saying, useMom } from '../support/fakeMom.ts';
import { World } from '../support/world.ts';
import { VirtualClock } from '../support/virtualClock.ts';

const fixture = useMom();
const open = () => World.open({ mom: new MomClient(fixture.mom.path, new VirtualClock()) });

test('sends the policy to MoM unchanged', async () => {
  const world = await open();
  const policy = '(defvar pressure_threshold 0.05)';
  await expect(world.call('Host.setMOMPolicy', { policy })).resolves.toBe(true);
  expect(fixture.mom.calls).toEqual([{ method: 'setPolicy', params: [policy] }]);
});

test('fails if MoM refuses it', async () => {
  const world = await open();
  fixture.mom.says(saying(false));
  await expect(world.call('Host.setMOMPolicy', { policy: '(' })).rejects.toMatchObject({
    code: 54,
    message: 'Failed to set mom policy: MoM refused setPolicy',
  });
});

test('fails if MoM is not reachable, or none is configured', async () => {
  const world = await open();
  await fixture.mom.stop();
  await expect(world.call('Host.setMOMPolicy', { policy: 'x' })).rejects.toMatchObject({
    code: 54,
  });
  const alone = await World.open();
  await expect(alone.call('Host.setMOMPolicy', { policy: 'x' })).rejects.toMatchObject({
    code: 54,
    message: expect.stringContaining('set socket_path in [mom]'),
  });
});

test.each([[{}], [{ policy: null }], [{ policy: 7 }], [{ policy: ['x'] }]])(
  'refuses %j',
  async (params) => {
    const world = await open();
    await expect(world.call('Host.setMOMPolicy', params)).rejects.toMatchObject({ code: -32602 });
    expect(fixture.mom.calls).toEqual([]);
  },
);
