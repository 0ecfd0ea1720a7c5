import { readFileSync } from 'node:fs';
import { expect, test } from '@jest/globals';
import { Asker } from '../asker.ts';
import { Daemon } from '../daemon.ts';
import { figure, isLong, random } from '../form.ts';

const VMS = 500;
const HEAP_MIB = 128;
const CLIENTS = 6;
const SECONDS = isLong ? 60 : 4;
const READS = [
  'Host.getAllVmStats',
  'Host.getVMFullList',
  'Host.getOverview',
  'Host.getAllMeters',
  'Host.explainPolicy',
];
const PAGES = ['/metrics', '/api/vms'];

const idOf = (n: number): string => `00000000-0000-4000-8000-${String(n).padStart(12, '0')}`;
const MORE = `[policy]
mode = act
`;

test(`a heap of ${String(HEAP_MIB)} MiB is enough for ${String(VMS)} VMs under load`, async () => {
  const daemon = await Daemon.start({
    uri: 'simulated',
    node: [`--max-old-space-size=${String(HEAP_MIB)}`],
    more: MORE,
    env: { VMEMD_SAMPLING_INTERVAL: '5' },
  });
  try {
    await daemon.serving();
    const askers = await Promise.all(
      Array.from({ length: CLIENTS }, () => Asker.connect(daemon.url)),
    );
    await askers[0]?.result('Events.subscribe');
    const create = (asker: Asker, n: number) =>
      asker.result('VM.create', {
        vmID: idOf(n),
        vmParams: {
          vmName: `vm${String(n)}`,
          memSize: 256,
          memGuaranteedSize: 128,
          kernel: '/vmlinuz',
        },
      });
    await Promise.all(
      askers.map(async (asker, first) => {
        for (let n = first; n < VMS; n += CLIENTS) await create(asker, n);
      }),
    );
    const draw = random(600);
    const one = <T>(list: readonly T[]): T => list[Math.floor(draw() * list.length)] as T;
    const end = performance.now() + SECONDS * 1000;
    const play = async (asker: Asker): Promise<void> => {
      while (performance.now() < end) {
        const vmID = idOf(Math.floor(draw() * VMS));
        if (draw() < 0.4) await asker.result(one(READS));
        else if (draw() < 0.2) expect(await daemon.page(one(PAGES))).toContain('vm1');
        else if (draw() < 0.1) {
          const isGone = (await asker.ask('VM.destroy', { vmID })).code === 0;
          if (isGone) await create(asker, Number(vmID.slice(-12)));
        } else await asker.ask('VM.setBalloonTarget', { vmID, target: 200 * 1024 });
      }
    };
    await Promise.all(askers.map(play));
    const { length } = Object.keys(await (askers[0] as Asker).result<object>('Host.getVMList'));
    expect(length).toBe(VMS);
    for (const asker of askers) {
      expect(asker.miscounted).toEqual([]);
      await asker.close();
    }
    const [, resident = '?'] =
      /VmHWM:\s+(\d+)/.exec(readFileSync(`/proc/${String(daemon.pid)}/status`, 'utf8')) ?? [];
    expect(await daemon.end()).toBe(0);
    expect(daemon.bugs).toEqual([]);
    const asked = askers.reduce((sum, asker) => sum + asker.asked, 0);
    figure(
      `a heap of ${String(HEAP_MIB)} MiB with ${String(VMS)} VMs: ${String(asked)} requests answered, at most ${String(Math.round(Number(resident) / 1024))} MiB resident`,
    );
  } finally {
    await daemon.end('SIGKILL');
  }
});
