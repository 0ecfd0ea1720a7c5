import { expect, test } from '@jest/globals';
import { never } from '../../support/faults.ts';
import { idOf, parameters, World } from '../../support/world.ts';

const vmID = idOf(1);

test('a VM that VM.create has answered for is found after a kill, as Down if it was not started', async () => {
  const world = await World.open();
  world.faults.createDomain = async (xml, { onDefined }) => {
    await world.host.createDomain(xml, { paused: true });
    await world.host.destroyDomain(vmID, { graceful: false });
    onDefined?.();
    return never();
  };
  const answer = await world.call('VM.create', { vmID, vmParams: parameters() });
  expect(answer).toMatchObject({ vmId: vmID, status: 'WaitForLaunch' });
  await world.restart();
  expect(await world.stats(vmID)).toMatchObject({ status: 'Down' });
  expect(await world.call('VM.destroy', { vmID })).toBe(true);
});

test('VM.create is not answered before the hypervisor has the definition', async () => {
  const world = await World.open();
  let define: (() => void) | undefined;
  world.faults.createDomain = (_, { onDefined }) => {
    define = onDefined;
    return never();
  };
  let isAnswered = false;
  const answer = world.call('VM.create', { vmID, vmParams: parameters() }).then(() => {
    isAnswered = true;
  });
  await world.seconds(5);
  expect(isAnswered).toBe(false);
  define?.();
  await answer;
});

test.each([1, 2, 3, 4])(
  'a kill at call %d of VM.create loses no VM that it has answered for',
  async (call) => {
    for (const when of ['before', 'sent', 'done'] as const) {
      const world = await World.open();
      world.killAt({ call, when });
      const answer = { hasCome: false };
      world.call('VM.create', { vmID, vmParams: parameters() }).then(
        () => (answer.hasCome = true),
        () => undefined,
      );
      await world.seconds(5);
      if (!world.isDead) world.kill();
      await world.restart();
      const known = (await world.call('Host.getVMList')) as readonly unknown[];
      if (answer.hasCome) expect(known).toHaveLength(1);
    }
  },
);
