import { mkdtemp, rename, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeAll, expect, it } from '@jest/globals';
import { needs } from '../support/needs.ts';
import { WsClient } from '../support/wsClient.ts';
import { atEnd } from './cleanup.ts';
import { eventually, Guest } from './guest.ts';
import { PrivateLibvirtd } from './privateLibvirtd.ts';
import { Vmemd } from './vmemd.ts';

const MIB = 1024;
/** The host that vmemd is shown has this much, of which it uses 200 MiB itself, and its guests what QEMU occupies. */
const HOST = 700 * MIB;
const OWN = 200 * MIB;

interface Reservation {
  readonly reservationID: string;
  readonly state: string;
  readonly taken: readonly { readonly vmID: string }[];
}

interface Headroom {
  readonly free_now_kib: number;
  readonly freeable_kib: number;
  readonly vms: readonly { readonly vmID: string; readonly freeable_to_guarantee_kib: number }[];
}

needs('libvirtd', 'VMEMD_TEST_GUEST')('memory reserved on real libvirt', () => {
  let libvirtd: PrivateLibvirtd;
  let folder: string;
  let vmemd: Vmemd;
  let client: WsClient;
  let guest: Guest;
  const guests: Guest[] = [];
  const later = atEnd();

  const start = async (): Promise<void> => {
    vmemd = await Vmemd.start(
      libvirtd.uri,
      `admission = guaranteed
host_reserve_percent = 0
free_page_reporting = false
reservations_path = ${folder}/reservations.json
[policy]
meminfo_path = ${folder}/meminfo
cgroup_path = none
`,
    );
    client = await WsClient.connect(vmemd.url);
    for (const one of guests) one.reconnect(client);
  };

  /** Shows vmemd what its guests leave of the host. */
  const show = async (): Promise<void> => {
    const sizes = await Promise.all(guests.map((one) => one.usage()));
    const used = sizes.reduce((sum, { resident_kib: resident = 0 }) => sum + resident, OWN);
    const available = String(Math.max(0, HOST - used));
    const text = `MemTotal: ${String(HOST)} kB\nMemFree: ${available} kB\nBuffers: 0 kB\nCached: 0 kB\nMemAvailable: ${available} kB\n`;
    await writeFile(`${folder}/meminfo.new`, text);
    await rename(`${folder}/meminfo.new`, `${folder}/meminfo`);
  };

  /** Calls a verb, and shows vmemd what becomes of the host until it is answered. */
  async function meanwhile<T>(method: string, params: object): Promise<T> {
    const state = { isOver: false };
    const answer = client.call(method, params).finally(() => (state.isOver = true));
    answer.catch(() => undefined);
    await eventually(show, () => state.isOver);
    return (await answer) as T;
  }

  const headroom = async (): Promise<Headroom> =>
    (await client.call('Host.getMemoryHeadroom')) as Headroom;

  const reservations = async (): Promise<readonly Reservation[]> =>
    (await client.call('Host.getReservations')) as readonly Reservation[];

  const create = async (temper: 'willing' | 'driverless', changes: object): Promise<Guest> => {
    const one = await Guest.create(client, temper, changes);
    guests.push(one);
    later(() => one.dispose());
    return one;
  };

  beforeAll(async () => {
    libvirtd = await PrivateLibvirtd.start();
    later(() => libvirtd.stop());
    folder = await mkdtemp(join(tmpdir(), 'reservations-'));
    later(() => rm(folder, { recursive: true }));
    await show();
    await start();
    later(() => vmemd.end());
    later(() => client.close());
    guest = await create('willing', { memGuaranteedSize: 96 });
    await guest.booted();
  });

  it('a VM that uses what was reserved for it needs no reservation any more', async () => {
    expect(await eventually(reservations, (all) => all.length === 0)).toEqual([]);
  });

  it('memory is reserved once the balloon of a real guest has made room', async () => {
    await show();
    const { free_now_kib, freeable_kib } = await headroom();
    expect(freeable_kib).toBeGreaterThan(0);
    const amount = free_now_kib + Math.floor(freeable_kib / 8);
    const made = await meanwhile<Reservation>('Host.reserveMemory', { amount });
    expect(made).toMatchObject({ state: 'held', taken: [{ vmID: guest.id }] });
    expect(Number((await guest.balloon()).balloon_target)).toBeLessThan(512 * MIB);
    expect((await guest.usage()).resident_kib).toBeLessThanOrEqual(HOST - OWN - amount);
  });

  it('it is held over a kill of vmemd, and the guest gets its memory back with its release', async () => {
    const [before] = await reservations();
    await vmemd.end('SIGKILL');
    await start();
    const [after] = await reservations();
    expect(after).toEqual(before);
    await meanwhile('Host.releaseMemory', { reservationID: before?.reservationID });
    await eventually(
      async () => (await show(), await guest.balloon()),
      ({ balloon_target }) => balloon_target === String(512 * MIB),
    );
    expect(await reservations()).toEqual([]);
  });

  it('a VM whose guarantee cannot be had is not created', async () => {
    await expect(
      Guest.create(client, 'willing', { memSize: 1024, memGuaranteedSize: 700 }),
    ).rejects.toThrow('Not enough free memory to create VM');
    expect(await libvirtd.virsh('list', '--all', '--name')).not.toContain('\n');
  });

  it('a guest without a driver is named, and the other gets back what it gave', async () => {
    const other = await create('driverless', { memSize: 128, memGuaranteedSize: 16 });
    await eventually(
      async () => (await show(), await other.usage()),
      ({ resident_kib: resident = 0 }) => resident > 100 * MIB,
    );
    const { free_now_kib, vms } = await headroom();
    const give = (id: string): number =>
      vms.find(({ vmID }) => vmID === id)?.freeable_to_guarantee_kib ?? 0;
    const amount = free_now_kib + give(guest.id) + Math.floor(give(other.id) / 2);
    const params = { amount, deadline: 20, downTo: 'guaranteed' };
    await expect(meanwhile('Host.reserveMemory', params)).rejects.toThrow(
      /live-.* has a balloon that does not move/,
    );
    await eventually(
      async () => (await show(), await guest.balloon()),
      ({ balloon_target }) => balloon_target === String(512 * MIB),
    );
  });
});
