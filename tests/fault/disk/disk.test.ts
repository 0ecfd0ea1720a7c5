import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from '@jest/globals';
import { PrivateLibvirtd } from '../../live/privateLibvirtd.ts';
import { needs } from '../../support/needs.ts';
import { Asker, type Answer } from '../asker.ts';
import { Daemon, type Logged } from '../daemon.ts';
import { figure, isLong } from '../form.ts';
import { SmallDisk } from './smallDisk.ts';

const DISK = 1024 * 1024;
const FILES = 64;
const SECONDS = isLong ? 8 : 1;
const ROUNDS = isLong ? 10 : 1;
const PATIENCE_MS = 120_000;
const vmID = '00000000-0000-4000-8000-000000000001';

interface Trouble {
  readonly begin: (disk: SmallDisk) => Promise<void>;
  readonly end: (disk: SmallDisk) => Promise<void>;
}

/** How the disk refuses what is written. */
const TROUBLES: Readonly<Record<string, Trouble>> = {
  'has no byte left': { begin: (disk) => disk.fill(), end: (disk) => disk.empty() },
  'has no file left': { begin: (disk) => disk.fillWithFiles(), end: (disk) => disk.empty() },
  'has become read-only': {
    begin: (disk) => disk.makeReadOnly(),
    end: (disk) => disk.makeWritable(),
  },
  'fails with input/output errors': { begin: (disk) => disk.break(), end: (disk) => disk.mend() },
};

const hasLost = (log: readonly Logged[]): boolean =>
  log.some(({ msg }) => msg.startsWith('lines of this log were lost'));

needs('VMEMD_TEST_GUEST')('a disk under the files of state, the trace and the log', () => {
  let libvirtd: PrivateLibvirtd;
  let disk: SmallDisk;
  let daemon: Daemon;
  let asker: Asker;

  const start = async (): Promise<void> => {
    daemon = await Daemon.start({
      uri: libvirtd.uri,
      within: disk.within,
      node: ['--import', join(import.meta.dirname, 'failingDisk.mjs')],
      env: { VMEMD_TEST_DISK: disk.path, VMEMD_TEST_DISK_BROKEN: disk.mark },
      before: `exec 2>>'${disk.path}/log'`,
      more: `reservations_path = ${disk.path}/reservations.json
[policy]
mode = observe
interval = 1
state_path = ${disk.path}/policy.json
trace_path = ${disk.path}/trace
trace_max_bytes = 65536
trace_files = 2
`,
    });
    await daemon.serving();
    asker = await Asker.connect(daemon.url);
  };

  beforeAll(async () => {
    libvirtd = await PrivateLibvirtd.start();
  });
  afterAll(() => libvirtd.stop());
  beforeEach(async () => {
    disk = await SmallDisk.make(DISK, FILES);
    await start();
  });
  afterEach(async () => {
    await daemon.end('SIGKILL');
    await disk.remove();
  });

  /** Waits until something holds that takes some time. */
  async function until(what: string, holds: () => Promise<boolean>): Promise<void> {
    const end = performance.now() + PATIENCE_MS;
    while (!(await holds())) {
      if (performance.now() > end) throw new Error(`waited in vain until ${what}`);
      await sleep(100);
    }
  }

  const json = async (name: string): Promise<Readonly<Record<string, never>>> =>
    JSON.parse(await disk.read(name)) as Readonly<Record<string, never>>;
  /** The lines of a file; `isCut`: a line that a full disk has cut off is left out. */
  const linesOf = async (name: string, isCut = false): Promise<Logged[]> => {
    const lines = (await disk.read(name)).split('\n').filter(Boolean);
    return lines
      .filter((line) => !isCut || line.endsWith('}'))
      .map((line) => JSON.parse(line) as Logged);
  };
  const logged = (): Promise<Logged[]> => linesOf('log', true);
  /** None while the file has been renamed and its successor cannot be made. */
  const roundsTraced = async (): Promise<number> =>
    (await disk.list()).includes('trace') ? (await linesOf('trace')).length : 0;
  const modeStored = async (): Promise<unknown> =>
    (await json('policy.json'))['settings']?.['mode'];
  /** Sends a request that is refused, which the log reports. */
  const refused = async (): Promise<void> => {
    expect((await asker.ask('VM.reset', { vmID })).code).toBe(1);
  };
  const droppedLines = (): Promise<number> => daemon.metric('vmemd_log_lines_dropped_total');
  const reserve = (): Promise<Answer> => asker.ask('Host.reserveMemory', { amount: 1024 });

  test.each(Object.entries(TROUBLES))(
    'that %s: vmemd serves, loses no state, and writes again later',
    async (name, trouble) => {
      let answered = 0;
      await asker.result('Host.setPolicy', { mode: 'act' });
      await asker.result('Host.reserveMemory', { amount: 1024 });
      for (let round = 0; round < ROUNDS; round += 1) {
        const before = await json('reservations.json');
        await trouble.begin(disk);
        const wanted = round % 2 === 0 ? 'observe' : 'act';
        await asker.result('Host.setPolicy', { mode: wanted });
        const end = performance.now() + SECONDS * 1000;
        while (performance.now() < end) {
          const { code, message } = await reserve();
          expect({ code, message }).toMatchObject({
            code: 100,
            message: expect.stringContaining('could not be written'),
          });
          await asker.result('Host.getAllVmStats');
          await refused();
          answered += 3;
        }
        expect(await json('reservations.json')).toEqual(before);
        // An attempt can be under way.
        await until('no part of a file is left', async () => {
          const names = await disk.list();
          return !names.some((each) => each.endsWith('.new'));
        });
        await trouble.end(disk);
        await until('a reservation is made', async () => (await reserve()).code === 0);
        await until('the policy is stored', async () => (await modeStored()) === wanted);
        const rounds = await roundsTraced();
        await until('the trace goes on', async () => (await roundsTraced()) !== rounds);
        await until('the log tells what it lacks', async () => {
          await refused();
          return hasLost(await logged()) === (await droppedLines()) > 0;
        });
      }
      const log = await logged();
      expect(log.filter(({ event }) => event === 'bug')).toEqual([]);
      expect(asker.miscounted).toEqual([]);
      const kept = await asker.result('Host.getReservations');
      const dropped = await droppedLines();
      await asker.close();
      expect(await daemon.end()).toBe(0);
      await start();
      expect(await asker.result('Host.getReservations')).toEqual(kept);
      expect((await asker.result<{ mode: string }>('Host.setPolicy')).mode).toBe(
        await modeStored(),
      );
      await asker.close();
      expect(await daemon.end()).toBe(0);
      figure(
        `a disk that ${name}, ${String(ROUNDS)} times: ${String(answered)} requests answered, ${String(dropped)} lines of the log lost`,
      );
    },
  );
});
