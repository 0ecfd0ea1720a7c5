import { randomUUID } from 'node:crypto';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeAll, expect, it } from '@jest/globals';
import { errors } from '../../../src/common/errors.ts';
import { atEnd } from '../../live/cleanup.ts';
import { eventually, type Guest } from '../../live/guest.ts';
import { needs } from '../../support/needs.ts';
import { figure, isLong, random } from '../form.ts';
import { BARE, LiveHost } from './liveHost.ts';

const MIB = 1024;
const ROUNDS = isLong ? 60 : 4;
const OVIRT = 'http://ovirt.org/vm/1.0';
const OTHER = 'http://example.org/inventory';
const METADATA = /<metadata.*<\/metadata>/s;

needs('libvirtd', 'VMEMD_TEST_GUEST')('domains that other programs change', () => {
  let host: LiveHost;
  const later = atEnd();
  const starts: (() => void)[] = [];

  /** A test that runs while the others do, as all wait for libvirt most of the time. */
  const beside = (name: string, work: () => Promise<void>): void => {
    let end: Promise<() => void>;
    starts.push(() => {
      end = work().then(
        () => () => undefined,
        (error: unknown) => () => {
          throw error as Error;
        },
      );
    });
    it(name, async () => {
      const report = await end;
      report();
    });
  };

  const virsh = (...args: string[]) => host.libvirtd.virsh(...args);

  /** What this run and the next one guarantee by libvirt's definitions, in MiB. */
  const kept = async ({ id }: Guest): Promise<readonly (string | undefined)[]> => {
    const xmls = [await virsh('dumpxml', id), await virsh('dumpxml', '--inactive', id)];
    return xmls.map((xml) => /memGuaranteedSize[^>]*>(\d+)</.exec(xml)?.[1]);
  };
  const becomesKept = (guest: Guest, guaranteed: number): Promise<unknown> =>
    eventually(
      () => kept(guest),
      (both) => both.every((one) => one === String(guaranteed)),
    );

  const ids = async (): Promise<readonly string[]> =>
    ((await host.call('Host.getVMList')) as { vmId: string }[]).map(({ vmId }) => vmId);

  const define = async (xml: string): Promise<void> => {
    const file = join(host.folder, `${randomUUID()}.xml`);
    await writeFile(file, xml);
    await virsh('define', file);
  };

  /** With 384 MiB in place of 256. */
  const larger = (xml: string): string =>
    xml
      .replace(/<memory unit='KiB'>262144</, "<memory unit='KiB'>393216<")
      .replace(/<currentMemory unit='KiB'>\d+</, "<currentMemory unit='KiB'>393216<")
      .replace(/(<cell [^>]*memory=')262144/, '$1393216');

  const destroy = async (guest: Guest): Promise<void> => {
    await guest.call('VM.destroy');
    expect(await ids()).not.toContain(guest.id);
    expect(await virsh('list', '--all', '--uuid')).not.toContain(guest.id);
  };

  beforeAll(async () => {
    host = await LiveHost.open(later);
    for (const start of starts) start();
  });

  beside(
    'whose metadata they write within a request keep what was accepted, and what they wrote last',
    async () => {
      const guest = await host.guest(BARE);
      const next = random(6);
      let theirsStayed = 0;
      for (let round = 0; round < ROUNDS; round += 1) {
        const guaranteed = 100 + Math.floor(next() * 100);
        // As a program does that reads the element before the request, and writes all of it.
        const element = await virsh('metadata', guest.id, OVIRT, '--live');
        const mark = `<inventory round='${String(round)}'/>`;
        const theirs = element.replace(/<inventory[^>]*\/>/, '').replace('</vm>', `${mark}</vm>`);
        await Promise.all([
          guest.call('VM.setGuaranteedMemory', { guaranteed }),
          virsh('metadata', guest.id, OTHER, '--key', 'inv', '--set', mark, '--live'),
          virsh('metadata', guest.id, OVIRT, '--key', 'ovirt-vm', '--set', theirs, '--live'),
        ]);
        await becomesKept(guest, guaranteed);
        expect(await guest.balloon()).toMatchObject({ balloon_min: String(guaranteed * MIB) });
        const now = await virsh('dumpxml', guest.id);
        expect(now).toMatch(new RegExp(`<inv:inventory [^>]*round=["']${String(round)}["']`));
        if (now.replace(/<inv:.*/g, '').includes(`round="${String(round)}"`)) theirsStayed += 1;
      }
      const calm = (await virsh('metadata', guest.id, OVIRT, '--live'))
        .replace(/<inventory[^>]*\/>/, '')
        .replace('</vm>', "<inventory round='last'/></vm>");
      await virsh('metadata', guest.id, OVIRT, '--key', 'ovirt-vm', '--set', calm, '--live');
      await guest.call('VM.setGuaranteedMemory', { guaranteed: 128 });
      expect(await virsh('metadata', guest.id, OVIRT, '--live')).toContain('round="last"');
      figure(
        `metadata written by another program within a request: ${String(ROUNDS)} times, what vmemd accepted held each time, ` +
          `theirs in ${String(theirsStayed)}`,
      );
    },
  );

  beside(
    'that are renamed while they are down have their new name, and leave the old one to others',
    async () => {
      const guest = await host.guest(BARE);
      const name = await virsh('domname', guest.id);
      await virsh('destroy', guest.id);
      await guest.becomes('Down');
      await virsh('domrename', guest.id, 'renamed-outside');
      await eventually(
        () => guest.xml(),
        (xml) => xml.includes('<name>renamed-outside</name>'),
      );
      const heir = await host.guest({ ...BARE, vmName: name });
      await destroy(guest);
      await destroy(heir);
    },
  );

  beside(
    'that are redefined within a request have what was accepted in this run, and the last of both in the next',
    async () => {
      const guest = await host.guest(BARE);
      let before = BARE.memGuaranteedSize;
      const next = random(7);
      let oursStayed = 0;
      for (let round = 0; round < ROUNDS; round += 1) {
        const guaranteed = 100 + Math.floor(next() * 100);
        // As a program does that reads the definition before the request; every other time it drops the metadata.
        const old = await virsh('dumpxml', '--inactive', guest.id);
        const title = `<title>round ${String(round)}</title>`;
        const theirs = (round % 2 ? old : old.replace(METADATA, '<metadata/>'))
          .replace(/<title>.*<\/title>/, '')
          .replace('<metadata', `${title}<metadata`);
        await Promise.all([
          define(larger(theirs)),
          guest.call('VM.setGuaranteedMemory', { guaranteed }),
        ]);
        const [now, then] = await kept(guest);
        expect(now).toBe(String(guaranteed));
        expect([String(guaranteed), round % 2 ? String(before) : undefined]).toContain(then);
        if (then === now) oursStayed += 1;
        expect(await virsh('dumpxml', '--inactive', guest.id)).toContain(title);
        expect(await guest.call('VM.getNextRun')).toMatchObject({ memory_mib: 384 });
        expect(await guest.balloon()).toMatchObject({
          balloon_min: String(guaranteed * MIB),
          balloon_max: String(256 * MIB),
        });
        before = guaranteed + 1;
        await guest.call('VM.setGuaranteedMemory', { guaranteed: before });
        expect(await kept(guest)).toEqual([String(before), String(before)]);
      }
      await destroy(guest);
      figure(
        `domain redefined by another program within a request: ${String(ROUNDS)} times, what vmemd accepted held in this run each time, ` +
          `in the next in ${String(oursStayed)}, where theirs came first`,
      );
    },
  );

  beside('whose metadata they drop are theirs from the next run on', async () => {
    const guest = await host.guest(BARE);
    const old = await virsh('dumpxml', '--inactive', guest.id);
    await define(larger(old.replace(METADATA, '<metadata/>')));
    await virsh('destroy', guest.id);
    await guest.becomes('Down');
    await virsh('start', guest.id);
    await eventually(
      () => guest.stats(),
      ({ status }) => status !== 'Down',
    );
    await guest.call('VM.setGuaranteedMemory', { guaranteed: 150 });
    expect(await guest.balloon()).toMatchObject({
      balloon_min: String(150 * MIB),
      balloon_max: String(384 * MIB),
    });
    await guest.call('VM.destroy');
    expect(await ids()).not.toContain(guest.id);
    expect(await virsh('domstate', guest.id)).toBe('shut off');
    await virsh('undefine', guest.id);
  });

  beside(
    'that are undefined while they run are served until they end, and while they are down until they are destroyed',
    async () => {
      const guest = await host.guest(BARE);
      await virsh('undefine', guest.id);
      await guest.call('VM.setGuaranteedMemory', { guaranteed: 150 });
      expect(await guest.balloon()).toMatchObject({ balloon_min: String(150 * MIB) });
      await guest.plug(128);
      await eventually(
        () => guest.devices(),
        (devices) => devices.length === 1,
      );
      await virsh('destroy', guest.id);
      expect(await guest.becomes('Down')).toMatchObject({ exitMessage: 'Admin shut down' });
      await destroy(guest);

      const other = await host.guest(BARE);
      await virsh('destroy', other.id);
      await other.becomes('Down');
      await virsh('undefine', other.id);
      await expect(other.setTarget(200 * MIB)).rejects.toMatchObject({
        code: errors.BalloonError[0],
      });
      expect(await other.stats()).toMatchObject({ status: 'Down', exitMessage: 'Admin shut down' });
      await destroy(other);
    },
  );

  beside('that are theirs are there while they run, under whatever name', async () => {
    const id = randomUUID();
    const file = join(host.folder, 'theirs.xml');
    await writeFile(
      file,
      `<domain type='qemu'><name>theirs</name><uuid>${id}</uuid><memory unit='MiB'>64</memory>
       <os><type arch='x86_64' machine='q35'>hvm</type></os><features><acpi/></features></domain>`,
    );
    const isThere = (wanted: boolean): Promise<unknown> =>
      eventually(ids, (all) => all.includes(id) === wanted);
    const nameIs = (name: string): Promise<unknown> =>
      eventually(
        () => host.call('VM.getStats', { vmID: id }).catch(() => []),
        (stats) => (stats as { vmName?: string }[])[0]?.vmName === name,
      );
    await virsh('define', file);
    await virsh('start', id);
    await nameIs('theirs');
    await virsh('destroy', id);
    await isThere(false);
    await virsh('domrename', id, 'theirs-later');
    await virsh('start', id);
    await nameIs('theirs-later');
    await virsh('undefine', id);
    await host.call('VM.setBalloonTarget', { vmID: id, target: 50 * MIB });
    await virsh('destroy', id);
    await isThere(false);
  });
});
