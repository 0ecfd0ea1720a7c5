import { beforeAll, describe, expect, it } from '@jest/globals';
import { setTimeout as sleep } from 'node:timers/promises';
import { needs } from '../support/needs.ts';
import { WsClient } from '../support/wsClient.ts';
import { atEnd } from './cleanup.ts';
import { eventually, Guest } from './guest.ts';
import { PrivateLibvirtd } from './privateLibvirtd.ts';
import { Vmemd } from './vmemd.ts';

const MIB = 1024;

needs('libvirtd', 'VMEMD_TEST_GUEST')('what a guest uses', () => {
  describe.each([
    ['returns memory by itself', true],
    ['does not return memory by itself', false],
  ])('whose balloon %s', (_, autodeflate) => {
    suite(autodeflate);
  });
});

function suite(autodeflate: boolean): void {
  let libvirtd: PrivateLibvirtd;
  let vmemd: Vmemd;
  let client: WsClient;
  let guest: Guest;
  const later = atEnd();

  beforeAll(async () => {
    libvirtd = await PrivateLibvirtd.start();
    later(() => libvirtd.stop());
    vmemd = await Vmemd.start(libvirtd.uri, `autodeflate = ${String(autodeflate)}\n`);
    later(() => vmemd.end());
    client = await WsClient.connect(vmemd.url);
    later(() => client.close());
    guest = await Guest.create(client);
    later(() => guest.dispose());
    await guest.booted();
  });

  /** What it uses once its balloon rests at that size and the guest has settled. */
  async function usedAt(size: number): Promise<number> {
    await guest.setTarget(size);
    await guest.balloonReaches(size);
    await guest.reportsAfter(Date.now() + 3000);
    const { used_kib } = await eventually(
      () => guest.usage(),
      ({ used_kib: used }) => used !== undefined,
    );
    return used_kib ?? NaN;
  }

  it('is told within a tenth of the truth, or not at all, however its balloon moves', async () => {
    expect(await libvirtd.virsh('dumpxml', guest.id)).toMatch(
      autodeflate ? /<memballoon [^>]*autodeflate='on'/ : /<memballoon (?![^>]*autodeflate='on')/,
    );
    const atRest = [await usedAt(512 * MIB), await usedAt(256 * MIB), await usedAt(512 * MIB)];
    const [least, most] = [Math.min(...atRest), Math.max(...atRest)];
    const told: (number | undefined)[] = [];
    for (let turn = 0; turn < 12; turn += 1) {
      await guest.setTarget((turn % 2 === 0 ? 256 : 512) * MIB);
      for (let look = 0; look < 20; look += 1) {
        told.push((await guest.usage()).used_kib);
        await sleep(150);
      }
    }
    const known = told.filter((used) => used !== undefined);
    expect(known.length).toBeGreaterThan(0);
    for (const used of known) {
      expect(used).toBeGreaterThan(0.9 * least);
      expect(used).toBeLessThan(1.1 * most);
    }
    const absent = told.length - known.length;
    if (absent > 0) {
      const reasons = /balloon|what the balloon held/;
      await guest.setTarget(256 * MIB);
      const usage = await guest.usage();
      if (usage.used_kib === undefined) expect(usage.used_absent_because).toMatch(reasons);
    }
  });
}
