import { expect, test } from '@jest/globals';
import { HypervisorError } from '../../../src/host/hypervisor.ts';
import { held } from '../../support/faults.ts';
import { openGuest } from '../../support/memoryGuest.ts';
import { onHost } from '../../support/onHost.ts';

const MIB = 1024;
const STOPPED = new HypervisorError('refused', 'domain is not running');

test.each([
  ['setBalloonTarget', { target: 600 * MIB }],
  ['setMemoryStatsPeriod', { period: 5 }],
  ['setGuaranteedMemory', { guaranteed: 1000 }],
])(
  'VM.%s fails with BalloonError if the guest powers off during the call',
  async (verb, params) => {
    const { world, ask, guest } = await openGuest();
    // A guarantee of 1000 MiB raises the balloon.
    await ask('setBalloonTarget', { target: 700 * MIB });
    await world.seconds(20);
    const call = held<undefined>();
    world.faults.setBalloon = () => call.answer;
    world.faults.setStatsPeriod = () => call.answer;
    const failed = expect(ask(verb, params)).rejects.toMatchObject({
      code: 53,
      message: expect.stringContaining('domain is not running'),
    });
    await world.seconds(1);
    guest.shutDownFromInside();
    await world.seconds(1);
    call.fail(STOPPED);
    await failed;
  },
);

test('VM.setMemory fails with the reason if the guest powers off while the next run is written', async () => {
  const { world, vmID, set, job, guest } = await openGuest();
  const call = held<undefined>();
  world.faults.setNextRunXml = async (...args) => {
    await world.host.setNextRunXml(...args);
    return call.answer;
  };
  const failed = expect(set({ memory: 1280 })).rejects.toMatchObject({
    code: 70,
    message: expect.stringContaining('the VM has ended'),
  });
  await world.seconds(1);
  guest.shutDownFromInside();
  await world.seconds(1);
  call.release(undefined);
  await failed;
  expect((await job()).state).toBe('failed');
  expect(await onHost(world, vmID).nextRun()).toMatchObject({ memory: 1280 * MIB });
});

test('VM.setMemory that waits fails when the VM ends, although the write of another request fails then', async () => {
  const { world, set, ask, guest, job } = await openGuest({
    words: 'ignores-unplug',
    devices: [256],
  });
  const waiting = expect(set({ memory: 1024, wait: true })).rejects.toMatchObject({
    code: 85,
    message: expect.stringContaining('the VM has ended'),
  });
  await world.sampledFor(20);
  const write = held<undefined>();
  world.faults.setMetadata = () => write.answer;
  const other = expect(ask('setBalloonTarget', { target: 900 * MIB })).rejects.toMatchObject({
    code: 53,
  });
  await world.seconds(1);
  guest.shutDownFromInside();
  await world.seconds(1);
  write.fail(STOPPED);
  delete world.faults.setMetadata;
  await other;
  await waiting;
  expect((await job()).state).toBe('failed');
});

/** How many microtasks pass between the end of the VM and the reply of the write. */
const LATER = [0, 2, 4] as const;

test.each([
  ['hotplugMemory', 70, ({ plug }: Guest) => plug(256)],
  ['hotunplugMemory', 85, ({ unplug }: Guest) => unplug()],
] as const)(
  'VM.%s fails and sends nothing if the VM ends once the request is recorded',
  async (_, code, request) => {
    for (const later of LATER) {
      const guest = await openGuest({ devices: [256] });
      const { world } = guest;
      world.faults.setMetadata = async (...args) => {
        await world.host.setMetadata(...args);
        guest.guest.shutDownFromInside();
        for (let n = 0; n < later; n += 1) await Promise.resolve();
      };
      world.calls.length = 0;
      await expect(world.during(1, request(guest))).rejects.toMatchObject({
        code,
        message: expect.stringContaining('the VM has ended'),
      });
      expect(world.calls).not.toContain('attachDevice');
      expect(world.calls).not.toContain('detachDevice');
    }
  },
);

type Guest = Awaited<ReturnType<typeof openGuest>>;
