import { beforeAll, expect, it } from '@jest/globals';
import { setTimeout as sleep } from 'node:timers/promises';
import { needs } from '../support/needs.ts';
import { WsClient } from '../support/wsClient.ts';
import { atEnd } from './cleanup.ts';
import { eventually, Guest } from './guest.ts';
import { PrivateLibvirtd } from './privateLibvirtd.ts';
import { Vmemd } from './vmemd.ts';

/** Milliseconds after a target is requested at which vmemd is killed; a request takes about 5 to 20. */
const MOMENTS = [0, 1, 2, 3, 4, 5, 6, 8, 10, 12, 15, 20];

needs('libvirtd', 'VMEMD_TEST_GUEST')('a balloon target that a kill of vmemd interrupts', () => {
  let libvirtd: PrivateLibvirtd;
  let vmemd: Vmemd;
  let client: WsClient;
  let guest: Guest;
  const later = atEnd();

  const connect = async (): Promise<void> => {
    vmemd = await Vmemd.start(libvirtd.uri);
    client = await WsClient.connect(vmemd.url);
  };

  beforeAll(async () => {
    libvirtd = await PrivateLibvirtd.start();
    later(() => libvirtd.stop());
    await connect();
    later(() => vmemd.end());
    later(() => client.close());
    guest = await Guest.create(client);
    later(() => guest.dispose());
    await guest.booted();
  });

  it.each(MOMENTS)('after %i ms is the one that the guest was given', async (moment) => {
    const target = (400 + 4 * MOMENTS.indexOf(moment)) * 1024;
    const requested = guest.setTarget(target).catch(() => undefined);
    await sleep(moment);
    expect(await vmemd.end('SIGKILL')).toBe('SIGKILL');
    await requested;
    await connect();
    guest.reconnect(client);
    await eventually(
      async () => {
        const { balloon_target } = await guest.balloon();
        const xml = await libvirtd.virsh('dumpxml', guest.id);
        return [balloon_target, /<currentMemory[^>]*>(\d+)</.exec(xml)?.[1]];
      },
      ([reported, given]) => reported === given,
    );
  });
});
