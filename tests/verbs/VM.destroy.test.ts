import { expect, test } from '@jest/globals';
import { HypervisorError } from '../../src/host/hypervisor.ts';
import { held, never } from '../support/faults.ts';
import { refusesBadIds } from '../support/vmVerb.ts';
import { idOf, parameters, World } from '../support/world.ts';

refusesBadIds('VM.destroy');

const destroy = (world: World, vmID: string, changes: object = {}) =>
  world.call('VM.destroy', { vmID, ...changes });

/** Expects that neither vmemd nor the hypervisor has the VM. */
const expectGone = async (world: World, vmID: string) => {
  await expect(world.stats(vmID)).rejects.toMatchObject({ code: 1 });
  await expect(world.host.domainXml(vmID)).rejects.toMatchObject({ kind: 'no-domain' });
};

test.each(['runs', 'is paused', 'has ended'])(
  'a VM that %s is stopped and removed',
  async (state) => {
    const world = await World.open();
    const vmID = await world.boot();
    if (state === 'is paused') await world.call('VM.pause', { vmID });
    if (state === 'has ended') world.host.guest(vmID).crash();
    await world.seconds(1);
    await expect(destroy(world, vmID)).resolves.toBe(true);
    await expectGone(world, vmID);
    expect(world.news('status', vmID).at(-1)).toMatchObject({ status: 'Down' });
  },
);

test('one event reports that it is Down, with an end by its owner', async () => {
  const world = await World.open();
  const vmID = await world.boot();
  await destroy(world, vmID);
  await world.seconds(1);
  const ends = world.news('status', vmID).filter(({ status }) => status === 'Down');
  expect(ends).toEqual([expect.objectContaining({ exitCode: 0, exitReason: 6 })]);
});

test('its id can be used again', async () => {
  const world = await World.open();
  await destroy(world, await world.boot());
  await expect(world.boot()).resolves.toBe(idOf(1));
});

test('a hung VM is destroyed by force, whatever call waits for it', async () => {
  const world = await World.open();
  const vmID = await world.boot();
  world.host.guest(vmID).hang();
  const waiting = world.call('VM.setBalloonTarget', { vmID, target: 786_432 });
  const refusal = expect(waiting).rejects.toMatchObject({ code: 53 });
  await expect(destroy(world, vmID)).resolves.toBe(true);
  await expectGone(world, vmID);
  await world.seconds(60);
  await refusal;
});

test.each([
  [undefined, [true]],
  [3, [true]],
  ['1', [true]],
  [0, [false]],
])('gracefulAttempts %j makes these attempts: %j', async (gracefulAttempts, manners) => {
  const world = await World.open();
  const vmID = await world.boot();
  const asked: boolean[] = [];
  world.faults.destroyDomain = (id, options) => {
    asked.push(options.graceful);
    return world.host.destroyDomain(id, options);
  };
  await destroy(world, vmID, { gracefulAttempts });
  expect(asked).toEqual(manners);
});

test('a VM that is still starting is destroyed once it has started', async () => {
  const world = await World.open();
  const vmID = idOf(1);
  const launch = held<undefined>();
  world.faults.createDomain = async (xml, { paused, onDefined }) => {
    onDefined?.();
    await launch.answer;
    return world.host.createDomain(xml, { paused });
  };
  await world.call('VM.create', { vmID, vmParams: parameters() });
  const destroyed = destroy(world, vmID);
  await world.seconds(5);
  launch.release(undefined);
  await expect(destroyed).resolves.toBe(true);
  await expectGone(world, vmID);
});

test('a VM whose start hangs gives an error after the time limit, and can be destroyed then', async () => {
  const world = await World.open();
  const vmID = idOf(1);
  world.faults.createDomain = (_, { onDefined }) => {
    onDefined?.();
    return never();
  };
  await world.call('VM.create', { vmID, vmParams: parameters() });
  await expect(world.during(60, destroy(world, vmID))).rejects.toMatchObject({ code: 42 });
  await expect(world.status(vmID)).resolves.toBe('Down');
  await expect(destroy(world, vmID)).resolves.toBe(true);
});

test('two simultaneous requests both succeed', async () => {
  const world = await World.open();
  const vmID = await world.boot();
  await expect(Promise.all([destroy(world, vmID), destroy(world, vmID)])).resolves.toEqual([
    true,
    true,
  ]);
});

test.each([1, 0])(
  'a VM that ends by itself meanwhile counts as destroyed, with %i graceful attempts',
  async (gracefulAttempts) => {
    const world = await World.open();
    const vmID = await world.boot();
    world.faults.destroyDomain = async (id, options) => {
      world.host.guest(id).crash();
      await Promise.resolve();
      return world.host.destroyDomain(id, options);
    };
    await expect(destroy(world, vmID, { gracefulAttempts })).resolves.toBe(true);
    await expectGone(world, vmID);
  },
);

test('a domain that has disappeared counts as destroyed', async () => {
  const world = await World.open();
  const vmID = await world.boot();
  world.faults.destroyDomain = () => Promise.reject(new HypervisorError('no-domain', 'not found'));
  await expect(destroy(world, vmID)).resolves.toBe(true);
});

test("if even force does not help, the VM stays and the hypervisor's error is returned", async () => {
  const world = await World.open();
  const vmID = await world.boot();
  world.faults.destroyDomain = () => Promise.reject(new HypervisorError('failed', 'device busy'));
  await expect(destroy(world, vmID)).rejects.toMatchObject({
    code: 42,
    message: 'Virtual machine destroy error: device busy',
  });
  await expect(world.status(vmID)).resolves.toBe('Up');
});

test('an undefine that fails is repeated by the next request', async () => {
  const world = await World.open();
  const vmID = await world.boot();
  world.faults.undefineDomain = () => Promise.reject(new HypervisorError('timed-out', 'no answer'));
  await expect(destroy(world, vmID)).rejects.toMatchObject({ code: 42 });
  await expect(world.status(vmID)).resolves.toBe('Down');
  delete world.faults.undefineDomain;
  await expect(destroy(world, vmID)).resolves.toBe(true);
  await expectGone(world, vmID);
});

test.each(['', "<metadata><ovirt-vm:vm xmlns:ovirt-vm='http://ovirt.org/vm/1.0'/></metadata>"])(
  'a domain that vmemd did not create is stopped but stays defined: %j',
  async (metadata) => {
    const world = await World.open();
    const vmID = idOf(1);
    await world.host.createDomain(
      `<domain type='kvm'><name>theirs</name><uuid>${vmID}</uuid>${metadata}<memory>1048576</memory></domain>`,
      { paused: false },
    );
    await world.seconds(1);
    await expect(destroy(world, vmID)).resolves.toBe(true);
    await expect(world.stats(vmID)).rejects.toMatchObject({ code: 1 });
    await expect(world.host.listDomains()).resolves.toMatchObject([{ state: 'shut-off' }]);
    expect(world.calls).not.toContain('undefineDomain');
  },
);

test("a copy of a VM's domain with another UUID does not belong to vmemd, and stays defined", async () => {
  const world = await World.open();
  const vmID = await world.boot();
  const copy = (await world.host.domainXml(vmID))
    .replace(`<uuid>${vmID}`, `<uuid>${idOf(2)}`)
    .replace('<name>vm1', '<name>copy');
  await world.host.createDomain(copy, { paused: false });
  await world.seconds(1);
  await expect(destroy(world, idOf(2))).resolves.toBe(true);
  expect(world.calls).not.toContain('undefineDomain');
  await expect(destroy(world, vmID)).resolves.toBe(true);
  expect(world.calls).toContain('undefineDomain');
});

test('a domain that vmemd did not create stays defined even after a verb has written into it', async () => {
  const world = await World.open();
  const vmID = idOf(1);
  await world.host.createDomain(
    `<domain type='kvm'><name>theirs</name><uuid>${vmID}</uuid><memory>1048576</memory></domain>`,
    { paused: false },
  );
  await world.seconds(1);
  await world.call('VM.setBalloonTarget', { vmID, target: 786_432 });
  await world.restart();
  await destroy(world, vmID);
  expect(world.calls).not.toContain('undefineDomain');
});

test.each([null, -1, 1.5, 'x'])('refuses gracefulAttempts %j', async (gracefulAttempts) => {
  const world = await World.open();
  const vmID = await world.boot();
  await expect(destroy(world, vmID, { gracefulAttempts })).rejects.toMatchObject({ code: -32602 });
  await expect(world.status(vmID)).resolves.toBe('Up');
});
