import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { beforeAll, expect, it } from '@jest/globals';
import { needs } from '../support/needs.ts';
import { WsClient } from '../support/wsClient.ts';
import { atEnd } from './cleanup.ts';
import { eventually, Guest } from './guest.ts';
import { GuestTerminal } from './guestTerminal.ts';
import { PretendedHost, sizeOf } from './pretendedHost.ts';
import { PrivateLibvirtd } from './privateLibvirtd.ts';
import { Vmemd } from './vmemd.ts';

const MEMORY = 512;
const GUARANTEES = [150, 200, 250] as const;
const TOTAL = 2400;
const GOAL = 0.2 * TOTAL;
/** What the host itself uses: little, or so much that guests have to give. */
const [LITTLE, MUCH] = [100, 1000];

/** A policy of a round each second that does not wait long for anything. */
const PARAMETERS = [
  'calm=0',
  'settle_time=1',
  'comfort=0',
  'fall_time=3',
  'warm_time=3',
  'grant_time=1',
].join(', ');

needs('libvirtd', 'VMEMD_TEST_GUEST')('the policy on three real guests', () => {
  const guests: Guest[] = [];
  const terminals: GuestTerminal[] = [];
  let libvirtd: PrivateLibvirtd;
  let host: PretendedHost;
  let vmemd: Vmemd;
  let client: WsClient;
  const later = atEnd();

  async function connect(): Promise<void> {
    vmemd = await Vmemd.start(
      libvirtd.uri,
      `autodeflate = true
[policy]
meminfo_path = ${host.meminfo}
state_path = ${join(host.folder, 'policy.json')}
interval = 1
pin_time = 0
parameters = ${PARAMETERS}
`,
    );
    client = await WsClient.connect(vmemd.url);
    for (const guest of guests) guest.reconnect(client);
  }

  beforeAll(async () => {
    libvirtd = await PrivateLibvirtd.start();
    later(() => libvirtd.stop());
    host = await PretendedHost.start(TOTAL, LITTLE, guests);
    later(() => host.stop());
    await connect();
    later(() => vmemd.end());
    later(() => client.close());
    for (const memGuaranteedSize of GUARANTEES) {
      const changes = { memSize: MEMORY, memGuaranteedSize, serial: { type: 'pty' } };
      const guest = await Guest.create(client, 'willing', changes);
      later(() => guest.dispose());
      guests.push(guest);
    }
    await Promise.all(guests.map((guest) => guest.booted()));
    for (const guest of guests) {
      const terminal = new GuestTerminal(await guest.xml());
      later(() => {
        terminal.close();
        return Promise.resolve();
      });
      terminals.push(terminal);
    }
  });

  const sizes = () => Promise.all(guests.map(sizeOf));
  const policy = (change: object) => client.call('Host.setPolicy', change);
  const isFull = (found: readonly number[]) => found.every((size) => size > 0.97 * MEMORY);
  const lacks = (found: readonly number[]) => found.some((size) => size < MEMORY);

  /** Waits until the sizes in MiB fit; no guarantee is broken meanwhile. */
  const sizesBecome = (fit: (sizes: readonly number[]) => boolean) =>
    eventually(async () => {
      const found = await sizes();
      for (const [index, size] of found.entries()) {
        // Unknown while libvirtd is away.
        if (!Number.isNaN(size)) expect(size).toBeGreaterThanOrEqual(GUARANTEES[index] ?? NaN);
      }
      return found;
    }, fit);

  const hostRecovers = () => sizesBecome(() => host.available >= GOAL);

  /** Waits until the explanation of the last round names this rule. */
  const ruleIs = (rule: string, isNamed = true) =>
    eventually(
      () => client.call('Host.explainPolicy'),
      (explained) => JSON.stringify(explained).includes(`"rule":"${rule}"`) === isNamed,
    );

  it('observes without moving any balloon', async () => {
    await host.use(MUCH);
    await policy({ mode: 'observe' });
    await ruleIs('host-short');
    expect(await sizes()).toEqual([MEMORY, MEMORY, MEMORY]);
  });

  it('takes what guests do not need while the host lacks memory, and keeps their guarantees', async () => {
    await policy({ mode: 'act' });
    const found = await hostRecovers();
    for (const size of found) expect(size).toBeLessThan(MEMORY);
  });

  it('gives a guest that begins to use memory what others do not need', async () => {
    const [before = NaN] = await sizes();
    terminals[0]?.use(220);
    await sizesBecome(([busy = 0]) => busy > before + 80);
    await hostRecovers();
  });

  it('finds its way again after a guest has rebooted in mid-squeeze', async () => {
    const [guest] = guests;
    await guest?.call('VM.reset');
    await guest?.reportsAfter(Date.now());
    await hostRecovers();
  });

  it('serves the others while the QEMU of one is stopped, and that one again afterwards', async () => {
    const [, , stopped] = guests;
    const pid = Number(execFileSync('pgrep', ['-f', `qemu-system.*-uuid ${stopped?.id ?? ''}`]));
    process.kill(pid, 'SIGSTOP');
    try {
      const [, before = NaN] = await sizes();
      terminals[1]?.use(150);
      await sizesBecome(([, busy = 0]) => busy > before + 50);
      await ruleIs('not-answering');
    } finally {
      process.kill(pid, 'SIGCONT');
    }
    await ruleIs('not-answering', false);
  });

  it('gives everything back when the host has memory again, though libvirtd restarts meanwhile', async () => {
    await host.use(LITTLE);
    await libvirtd.restart();
    await sizesBecome(isFull);
  });

  it('takes another algorithm at run time', async () => {
    await policy({ algorithm: 'mom', parameters: { window: 1 } });
    await host.use(MUCH);
    await ruleIs('shrink');
    await sizesBecome(lacks);
    await policy({ algorithm: 'adaptive' });
    await hostRecovers();
  });

  it('goes on where it was, in the mode that a client has set, after vmemd was killed in mid-round', async () => {
    await host.use(LITTLE);
    await sizesBecome(isFull);
    await host.use(MUCH);
    await sizesBecome(lacks);
    expect(await vmemd.end('SIGKILL')).toBe('SIGKILL');
    await connect();
    await hostRecovers();
    expect(await policy({})).toMatchObject({ mode: 'act', algorithm: 'adaptive', by: 'client' });
  });
});
