import { describe, expect, test } from '@jest/globals';
import { HypervisorError, type HypervisorErrorKind } from '../../../src/host/hypervisor.ts';
import { Milliseconds } from '../../../src/common/units.ts';
import { never } from '../../support/faults.ts';
import { type GuestSetup, openGuest } from '../../support/memoryGuest.ts';

const open = (setup: GuestSetup = {}) => openGuest({ devices: [128], ...setup });
const refusing = (kind: HypervisorErrorKind) => () =>
  Promise.reject(new HypervisorError(kind, 'not now'));
const hotplugTimeouts = { unplugTimeout: Milliseconds(20_000) };

describe('the unplug of a device', () => {
  test('that the guest releases is removed', async () => {
    const { world, unplug, told, outcome, audit } = await open();
    await world.during(5, unplug());
    expect(told()).toEqual(['running requested', 'done removed']);
    expect(await outcome()).toEqual({
      action: 'unplug',
      alias: 'dimm0',
      size_mib: 128,
      state: 'removed',
      attempts: 1,
    });
    expect(audit().slice(-2)).toMatchObject([
      { flow_id: 'flow', action: 'unplug', alias: 'dimm0', state: 'requested', level: 30 },
      { flow_id: 'flow', action: 'unplug', alias: 'dimm0', state: 'removed', level: 30 },
    ]);
  });

  test('that the guest refuses at once is refused, and the verb fails', async () => {
    const { world, unplug, told, outcome, audit, devices } = await open({
      words: 'refuses-unplug',
    });
    await expect(world.during(5, unplug())).rejects.toMatchObject({ code: 85 });
    expect(told()).toEqual(['running requested', 'failed refused']);
    expect(await outcome()).toMatchObject({ state: 'refused', message: expect.any(String) });
    expect(await devices()).toMatchObject([{ alias: 'dimm0', state: 'refused' }]);
    expect(audit().at(-1)).toMatchObject({ flow_id: 'flow', state: 'refused', level: 40 });
  });

  test('that the guest refuses later is refused, with advice', async () => {
    const { world, guest, unplug, told, outcome, devices } = await open({ words: 'slow-unplug' });
    await expect(world.during(6, unplug())).resolves.toBe(true);
    expect(await devices()).toMatchObject([{ state: 'unplugging' }]);
    guest.setBehaviour({ unplug: 'refuses' });
    await world.seconds(5);
    expect(told()).toEqual(['running requested', 'failed refused']);
    expect(await outcome()).toMatchObject({ message: expect.stringContaining('movable') });
    expect(await devices()).toMatchObject([{ state: 'refused' }]);
  });

  test('that the guest never completes times out, and its device can still be removed late', async () => {
    const { world, guest, unplug, told, outcome, devices } = await open({
      words: 'ignores-unplug',
    });
    await expect(world.during(10, unplug())).resolves.toBe(true);
    await world.seconds(49);
    expect(told()).toEqual(['running requested']);
    await world.seconds(2);
    expect(told()).toEqual(['running requested', 'failed timed-out']);
    expect(await outcome()).toMatchObject({ message: expect.stringContaining('has not answered') });
    expect(await devices()).toMatchObject([{ state: 'unplugging' }]);

    guest.setBehaviour({ unplug: 'gives-back' });
    await world.during(5, world.host.detachDevice(world.vms.list()[0]?.id ?? '', 'dimm0'));
    expect(told().at(-1)).toBe('done removed-late');
    expect(await outcome()).toMatchObject({ state: 'removed-late', attempts: 1 });
    expect(await devices()).toEqual([]);
  });

  test('of a paused VM times out with that reason, and completes once the VM is resumed', async () => {
    const { world, ask, unplug, told, outcome } = await open({ hotplugTimeouts });
    await ask('pause');
    await world.during(30, unplug());
    expect(await outcome()).toMatchObject({
      state: 'timed-out',
      message: expect.stringContaining('paused'),
    });
    await ask('cont');
    await world.seconds(5);
    expect(told()).toEqual(['running requested', 'failed timed-out', 'done removed-late']);
  });

  test('that the guest refuses after the timeout is refused', async () => {
    const { world, guest, unplug, told } = await open({
      words: 'slow-unplug',
      hotplugTimeouts: { unplugTimeout: Milliseconds(6000) },
    });
    await world.during(7, unplug());
    guest.setBehaviour({ unplug: 'refuses' });
    await world.seconds(5);
    expect(told()).toEqual(['running requested', 'failed timed-out', 'failed refused']);
  });
});

describe('an unplug without an outcome is sent again', () => {
  const again = { ...hotplugTimeouts, unplugAttempts: 3 };
  const asked = (calls: readonly string[]) =>
    calls.filter((call) => call === 'detachDevice').length;

  test('as often as configured', async () => {
    const { world, unplug, told, outcome } = await open({
      words: 'ignores-unplug',
      hotplugTimeouts: again,
    });
    await world.during(10, unplug());
    expect(asked(world.calls)).toBe(1);
    await world.seconds(60);
    expect(asked(world.calls)).toBe(3);
    await world.seconds(60);
    expect(asked(world.calls)).toBe(3);
    expect(told()).toEqual(['running requested', 'failed timed-out']);
    expect(await outcome()).toMatchObject({ attempts: 3 });
  });

  test('not after the device was removed', async () => {
    const { world, guest, unplug, told, outcome } = await open({
      words: 'ignores-unplug',
      hotplugTimeouts: again,
    });
    await world.during(10, unplug());
    guest.setBehaviour({ unplug: 'gives-back' });
    await world.seconds(120);
    expect(told()).toEqual(['running requested', 'done removed']);
    expect(await outcome()).toMatchObject({ attempts: 2 });
    expect(asked(world.calls)).toBe(2);
  });

  test('not after the guest has refused', async () => {
    const { world, guest, unplug, told } = await open({
      words: 'ignores-unplug',
      hotplugTimeouts: again,
    });
    await world.during(10, unplug());
    guest.setBehaviour({ unplug: 'refuses' });
    await world.seconds(120);
    expect(told()).toEqual(['running requested', 'failed refused']);
    expect(asked(world.calls)).toBe(2);
  });

  test('also if the record could not be written or the hypervisor was unreachable', async () => {
    const { world, unplug, told, outcome } = await open({
      words: 'ignores-unplug',
      hotplugTimeouts: again,
    });
    await world.during(10, unplug());
    world.faults.setMetadata = refusing('failed');
    await world.seconds(15);
    delete world.faults.setMetadata;
    world.faults.detachDevice = refusing('unreachable');
    await world.seconds(20);
    expect(told()).toEqual(['running requested']);
    delete world.faults.detachDevice;
    await world.seconds(60);
    expect(told()).toEqual(['running requested', 'failed timed-out']);
    expect(await outcome()).toMatchObject({ attempts: 3 });
  });
});

describe('a lost reply to an unplug', () => {
  test.each(['timed-out', 'unreachable'] as const)(
    'as %s leaves open what becomes of the device, and the truth is read later',
    async (kind) => {
      const { world, vmID, unplug, told, guaranteed } = await open();
      world.faults.detachDevice = refusing(kind);
      const asked = unplug('dimm0', { memGuaranteedSize: 300 });
      await expect(world.during(1, asked)).rejects.toMatchObject({ code: 85 });
      expect(told()).toEqual(['running requested']);
      expect(await guaranteed()).toBe(512);
      await world.during(5, world.host.detachDevice(vmID, 'dimm0'));
      expect(told()).toEqual(['running requested', 'done removed']);
      expect(await guaranteed()).toBe(300);
    },
  );

  test('does not matter if the device is gone', async () => {
    const { world, unplug, told } = await open();
    world.faults.detachDevice = async (id, alias) => {
      await world.host.detachDevice(id, alias);
      throw new HypervisorError('unreachable', 'the connection was lost');
    };
    await expect(world.during(5, unplug())).resolves.toBe(true);
    expect(told()).toEqual(['running requested', 'done removed']);
  });

  test('is reported as a timeout if the device stays', async () => {
    const { world, unplug, told } = await open({ hotplugTimeouts });
    world.faults.detachDevice = refusing('timed-out');
    await expect(world.during(1, unplug())).rejects.toMatchObject({ code: 85 });
    await world.seconds(20);
    expect(told()).toEqual(['running requested', 'failed timed-out']);
  });

  test('with a lost connection is resolved after the reconnect', async () => {
    const { world, unplug, told } = await open();
    const asked = unplug();
    await world.seconds(0.5);
    world.host.disconnect();
    await expect(world.during(5, asked)).rejects.toMatchObject({ code: 85 });
    world.host.reconnect();
    await world.seconds(1);
    expect(told()).toEqual(['running requested', 'done removed']);
  });

  test('of a hypervisor that hangs does not block the job', async () => {
    const { world, unplug, told } = await open({ timeoutS: 10 });
    world.faults.detachDevice = never;
    await expect(world.during(15, unplug())).rejects.toMatchObject({ code: 85 });
    expect(told()).toEqual(['running requested']);
  });
});

describe('an unplug that could not be sent', () => {
  test('has failed, with the reason', async () => {
    const { world, unplug, told, outcome } = await open();
    world.faults.detachDevice = refusing('failed');
    await expect(world.during(1, unplug())).rejects.toMatchObject({
      code: 85,
      message: expect.stringContaining('not now'),
    });
    expect(told()).toEqual(['running requested', 'failed failed']);
    expect(await outcome()).toMatchObject({ message: 'not now' });
  });

  test.each(['failed', 'timed-out', 'unreachable'] as const)(
    'because that could not be written (%s), is no operation',
    async (kind) => {
      const { world, unplug, told, devices } = await open();
      world.faults.setMetadata = refusing(kind);
      world.calls.length = 0;
      await expect(world.during(1, unplug())).rejects.toMatchObject({ code: 85 });
      expect(world.calls).not.toContain('detachDevice');
      delete world.faults.setMetadata;
      await world.seconds(100);
      expect(world.calls).not.toContain('detachDevice');
      expect(told()).toEqual([]);
      expect(await devices()).toMatchObject([{ alias: 'dimm0', state: 'guest-online' }]);
    },
  );
});

describe('after a restart', () => {
  test('right after the request, a removal that vmemd missed is found', async () => {
    const { world, unplug, outcome, guaranteed } = await open();
    unplug('dimm0', { memGuaranteedSize: 300 }).catch(() => undefined);
    await world.seconds(0.1);
    world.kill();
    await world.seconds(5);
    await world.restart();
    expect(await outcome()).toMatchObject({ state: 'removed' });
    expect(await guaranteed()).toBe(300);
  });

  test('the outcome of an unplug from before is recorded', async () => {
    const { world, guest, unplug, outcome, told, guaranteed } = await open({
      words: 'slow-unplug',
    });
    unplug('dimm0', { memGuaranteedSize: 300 }).catch(() => undefined);
    await world.seconds(1);
    await world.restart();
    expect(await outcome()).toMatchObject({ state: 'requested' });
    guest.setBehaviour({ unplug: 'refuses' });
    await world.seconds(10);
    expect(told().at(-1)).toBe('failed refused');
    expect(await guaranteed()).toBe(512);
  });

  test('an unplug is sent again, since its outcome could have been missed', async () => {
    const { world, guest, unplug, outcome, devices } = await open({ words: 'ignores-unplug' });
    await world.during(10, unplug());
    world.kill();
    guest.setBehaviour({ unplug: 'refuses' });
    await world.restart();
    await world.seconds(1);
    expect(await outcome()).toMatchObject({ state: 'refused', attempts: 1 });
    expect(await devices()).toMatchObject([{ state: 'refused' }]);
  });

  test('an unplug times out after the rest of its time, however many restarts there are', async () => {
    const { world, unplug, outcome, told } = await open({ words: 'ignores-unplug' });
    await world.during(10, unplug());
    for (let n = 0; n < 4; n += 1) {
      await world.seconds(12);
      await world.restart();
    }
    expect(await outcome()).toMatchObject({ state: 'requested', attempts: 1 });
    await world.seconds(13);
    expect(await outcome()).toMatchObject({ state: 'timed-out', attempts: 1 });
    expect(told()).toEqual(['running requested', 'failed timed-out']);
  });

  test('an unplug that timed out before is not sent again, but can still complete', async () => {
    const { world, guest, vmID, unplug, outcome } = await open({
      words: 'ignores-unplug',
      hotplugTimeouts,
    });
    await world.during(30, unplug());
    world.calls.length = 0;
    await world.restart();
    await world.seconds(120);
    expect(world.calls).not.toContain('detachDevice');
    expect(await outcome()).toMatchObject({ state: 'timed-out' });
    guest.setBehaviour({ unplug: 'gives-back' });
    await world.during(5, world.host.detachDevice(vmID, 'dimm0'));
    expect(await outcome()).toMatchObject({ state: 'removed-late' });
  });

  test('a job continues although nothing could be written at first', async () => {
    const { world, vmID, unplug, outcome } = await open({ words: 'ignores-unplug' });
    await world.during(10, unplug());
    world.kill();
    await world.during(5, world.host.attachDevice(vmID, MEMORY));
    world.faults.setMetadata = refusing('failed');
    await world.restart();
    await world.seconds(40);
    expect(await outcome()).toMatchObject({ state: 'requested' });
    delete world.faults.setMetadata;
    await world.seconds(20);
    expect(await outcome()).toMatchObject({ state: 'timed-out' });
  });

  test('a job that has ended is not reported again', async () => {
    const { world, unplug, told } = await open();
    await world.during(5, unplug());
    world.told.length = 0;
    await world.restart();
    await world.seconds(120);
    expect(told()).toEqual([]);
  });
});

const MEMORY =
  "<memory model='dimm'><target><size unit='MiB'>256</size><node>0</node></target></memory>";

describe('a VM that ends during an unplug', () => {
  test.each<[string, (opened: Awaited<ReturnType<typeof open>>) => unknown]>([
    [
      'by itself',
      ({ guest }) => {
        guest.crash();
      },
    ],
    [
      'destroyed by the host',
      ({ world, vmID }) => world.host.destroyDomain(vmID, { graceful: false }),
    ],
  ])('%s, ends the job once', async (_, end) => {
    const opened = await open({ words: 'ignores-unplug' });
    const { world, unplug, told, outcome } = opened;
    const asked = unplug().catch((error: unknown) => error);
    await world.seconds(1);
    await end(opened);
    await world.seconds(120);
    await expect(asked).resolves.toMatchObject({ code: 85 });
    expect(told()).toEqual(['running requested', 'failed failed']);
    expect(await outcome()).toMatchObject({ message: 'the VM has ended' });
  });

  test('by VM.destroy reports the job as failed', async () => {
    const { world, ask, unplug, told } = await open({ words: 'ignores-unplug' });
    unplug().catch(() => undefined);
    await world.seconds(1);
    await ask('destroy');
    await world.seconds(120);
    expect(told()).toEqual(['running requested', 'failed failed']);
  });

  test('has no jobs in its next run', async () => {
    const { world, vmID, unplug, job } = await open({ words: 'ignores-unplug' });
    const xml = await world.host.domainXml(vmID);
    unplug().catch(() => undefined);
    await world.seconds(1);
    await world.host.destroyDomain(vmID, { graceful: false });
    await world.host.createDomain(xml.replace(/<memory model[^]*?<\/memory>/, ''), {
      paused: false,
    });
    await world.sampled();
    await expect(job()).rejects.toMatchObject({ code: 91 });
    await world.restart();
    await expect(job()).rejects.toMatchObject({ code: 91 });
  });

  test('receives no further attempt', async () => {
    const { world, guest, unplug } = await open({
      words: 'ignores-unplug',
      hotplugTimeouts: { ...hotplugTimeouts, unplugAttempts: 5 },
    });
    await world.during(10, unplug());
    guest.crash();
    await world.seconds(1);
    world.calls.length = 0;
    await world.seconds(120);
    expect(world.calls).not.toContain('detachDevice');
  });
});
