import { mkdtemp, rename, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { Asker } from '../asker.ts';
import { Daemon } from '../daemon.ts';
import { figure, isLong, random } from '../form.ts';

const DAY = 86_400;
const YEAR = 365 * DAY;
const PATIENCE_MS = 120_000;
/** How the wall clock is set, in seconds from the true time. */
const STEPS = [3600, -7200, 10 * YEAR, 0];
const MORE_STEPS = 60;

const idOf = (n: number): string => `00000000-0000-4000-8000-00000000000${String(n)}`;
const VMS = [1, 2, 3].map(idOf);

let folder: string;
let daemon: Daemon;
let asker: Asker;

const setClock = async (seconds: number): Promise<void> => {
  await writeFile(join(folder, 'next'), String(seconds));
  await rename(join(folder, 'next'), join(folder, 'clock'));
};

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'vmemd-clock-'));
  await setClock(0);
  daemon = await Daemon.start({
    uri: 'simulated',
    node: ['--import', join(import.meta.dirname, 'setClock.mjs')],
    env: { VMEMD_TEST_CLOCK: join(folder, 'clock') },
    more: '[policy]\nmode = act\ninterval = 1\n',
  });
  await daemon.serving();
  asker = await Asker.connect(daemon.url);
  for (const [n, vmID] of VMS.entries()) {
    const vmParams = { vmName: `vm${String(n)}`, memSize: 1024, memGuaranteedSize: 256 };
    await asker.result('VM.create', { vmID, vmParams: { ...vmParams, kernel: '/vmlinuz' } });
  }
});
afterEach(async () => {
  await daemon.end('SIGKILL');
  await rm(folder, { recursive: true });
});

async function until(what: string, holds: () => Promise<boolean>): Promise<void> {
  const end = performance.now() + PATIENCE_MS;
  while (!(await holds())) {
    if (performance.now() > end) throw new Error(`waited in vain until ${what}`);
    await sleep(50);
  }
}

const areFresh = async (): Promise<boolean> => {
  const states = await Promise.all(
    VMS.map(async (vmID) => {
      const info = await asker.result('VM.getBalloonInfo', { vmID });
      return (info as { freshness: { state: string } }).freshness.state;
    }),
  );
  return states.every((state) => state === 'fresh');
};
const rounds = async (): Promise<number> => {
  const page = await daemon.page('/metrics');
  return [...page.matchAll(/^vmemd_policy_rounds_total\{.*\} (\d+)$/gm)].reduce(
    (sum, [, count]) => sum + Number(count),
    0,
  );
};

test('a wall clock that is set back and forth: figures, policy, reservations and the audit trail go on', async () => {
  const draw = random(400);
  const more = Array.from({ length: MORE_STEPS }, () => Math.round((draw() - 0.5) * 20 * YEAR));
  const steps = [...STEPS, ...(isLong ? more : [])];
  await until('all guests report', areFresh);
  await asker.result('Host.reserveMemory', { amount: 1024, hold: 3600 });
  const [reserved] = (await reservations()).map(({ reservationID }) => reservationID);
  for (const [n, step] of steps.entries()) {
    await setClock(step);
    const before = await rounds();
    const vmID = VMS[n % VMS.length] ?? '';
    const target = (600 + n) * 1024;
    await asker.result('VM.setBalloonTarget', { vmID, target });
    const { entries } = await asker.result<{ entries: { verb: string; summary: string }[] }>(
      'VM.getAuditTrail',
      { vmID, count: 1 },
    );
    expect(entries).toMatchObject([{ verb: 'VM.setBalloonTarget' }]);
    for (const verb of [
      'Host.getOverview',
      'Host.getAllVmStats',
      'Host.getMemoryHistory',
    ] as const) {
      await asker.result(verb);
    }
    await asker.result('Host.explainPolicy');
    await until('all guests report again', areFresh);
    await until('the policy holds rounds', async () => (await rounds()) >= before + 2);
    const info = await asker.result<{ moving?: string }>('VM.getBalloonInfo', { vmID });
    expect(info.moving).not.toBe('moved-outside');
    expect((await reservations()).map(({ reservationID }) => reservationID)).toEqual([reserved]);
  }
  expect(daemon.bugs).toEqual([]);
  expect(asker.miscounted).toEqual([]);
  await asker.close();
  expect(await daemon.end()).toBe(0);
  figure(
    `a wall clock set ${String(steps.length)} times, by up to 20 years: ${String(asker.asked)} requests answered`,
  );
});

const reservations = () =>
  asker.result<readonly { reservationID: string }[]>('Host.getReservations');
