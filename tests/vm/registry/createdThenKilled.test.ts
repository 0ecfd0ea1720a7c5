import { expect, test } from '@jest/globals';
import { Milliseconds } from '../../../src/common/units.ts';
import { type Hypervisor, HypervisorError } from '../../../src/host/hypervisor.ts';
import type { SimulatedHost } from '../../../src/host/simulated/simulatedHost.ts';
import { exits } from '../../../src/vm/status.ts';
import { never } from '../../support/faults.ts';
import type { VirtualClock } from '../../support/virtualClock.ts';
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

/** Events come later than the replies of the calls that cause them. */
const withLateEvents = (host: SimulatedHost, clock: VirtualClock) => {
  const listen: Hypervisor['listen'] = (hear) =>
    host.listen((event) => {
      clock.after(Milliseconds(10), () => {
        hear(event);
      });
    });
  const hypervisor = new Proxy<Hypervisor>(host, {
    get(target, name) {
      const value: unknown = name === 'listen' ? listen : Reflect.get(target, name, target);
      return typeof value === 'function' ? (value.bind(target) as unknown) : value;
    },
  });
  return { hypervisor };
};

test('a VM whose start was answered runs, although what follows takes too long', async () => {
  const world = await World.open({ timeoutS: 20, between: withLateEvents });
  world.faults.setMetadata = (_id, _element, { signal } = {}) =>
    new Promise((_, reject) => {
      signal?.addEventListener('abort', () => {
        reject(new HypervisorError('timed-out', 'no answer in time'));
      });
    });
  await world.call('VM.create', { vmID, vmParams: parameters() });
  await world.seconds(21);
  expect(world.vms.get(vmID).isAlive).toBe(true);
});

test('VM.destroy ends the domain of a VM that is Down because its start had no reply', async () => {
  const world = await World.open();
  await world.boot(1);
  world.vms.get(vmID).enter({ phase: 'down', exit: exits.failedStart('no answer in time') });
  await world.call('VM.destroy', { vmID });
  expect(await world.host.listDomains()).toEqual([]);
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
