import { expect, test } from '@jest/globals';
import { HypervisorError } from '../../../src/host/hypervisor.ts';
import { KiB } from '../../../src/common/units.ts';
import { held } from '../../support/faults.ts';
import { openGuest } from '../../support/memoryGuest.ts';
import { onHost } from '../../support/onHost.ts';

const MIB = 1024;

/** A VM of 1280 MiB with a target of 980 MiB, whose guest does not give its device back. */
async function inflated() {
  const guest = await openGuest({ words: 'ignores-unplug', devices: [256] });
  const { world, vmID, ask } = guest;
  await ask('setBalloonTarget', { target: 980 * MIB });
  await world.sampledFor(30);
  /** The reported target and that of the host, in MiB. */
  const targets = async () => [
    Number((await world.balloon(vmID))['balloon_target']) / MIB,
    onHost(world, vmID).balloonTarget() / MIB,
  ];
  return { ...guest, targets };
}

test('the target returns after a deflation that ended while the write of another request failed', async () => {
  const { world, set, ask, guest, targets } = await inflated();
  guest.setBehaviour({ balloonRate: KiB(20 * MIB) });
  set({ memory: 1024, deflate: true }).catch(() => undefined);
  await world.seconds(3);
  const write = held<undefined>();
  world.faults.setMetadata = () => write.answer;
  const other = expect(ask('setGuaranteedMemory', { guaranteed: 600 })).rejects.toMatchObject({
    code: 53,
  });
  await world.sampledFor(40);
  write.fail(new HypervisorError('failed', 'the metadata are locked'));
  delete world.faults.setMetadata;
  await other;
  await world.sampledFor(200);
  expect(await targets()).toEqual([980, 980]);
  await world.restart();
  await world.sampledFor(300);
  expect(await targets()).toEqual([980, 980]);
});

test('a target that is requested before a queued deflation is sent replaces it, without a line in the log', async () => {
  const { world, set, ask, targets } = await inflated();
  set({ memory: 1024, deflate: true }).catch(() => undefined);
  await ask('setBalloonTarget', { target: 900 * MIB });
  await world.sampledFor(30);
  expect(world.lines.filter(({ level }) => Number(level) >= 40)).toEqual([]);
  expect(await targets()).toEqual([900, 900]);
});
