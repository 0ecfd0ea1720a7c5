import { expect, test } from '@jest/globals';
import { Milliseconds } from '../../../src/common/units.ts';
import type { Sampled } from '../../../src/vm/history.ts';
import { cpuFigures } from '../../../src/vm/report/cpu.ts';
import { idOf, World } from '../../support/world.ts';

const SECOND = 1_000_000_000n;
/** A sample with these CPU times, in seconds. */
const at = (seconds: number, total: bigint, accounted?: bigint): Sampled => ({
  state: 'running',
  at: Milliseconds(seconds * 1000),
  cpuTimeNs: total * SECOND,
  ...(accounted !== undefined && { cpuAccountedNs: accounted * SECOND }),
});

test('are percents of one CPU between two samples, as VDSM computes them', () => {
  expect(cpuFigures({ preceding: at(0, 10n, 2n), newest: at(15, 20n, 4n) })).toEqual({
    cpuUsage: '4000000000',
    cpuUser: '53.33',
    cpuSys: '13.33',
    cpuActual: true,
  });
});

test('of more than one busy CPU are more than 100', () => {
  const figures = cpuFigures({ preceding: at(0, 0n, 0n), newest: at(10, 40n, 5n) });
  expect(figures).toMatchObject({ cpuUser: '350.00', cpuSys: '50.00' });
});

test('without accounting are all user and system time of the process, as libvirt counts it then', () => {
  const figures = cpuFigures({ preceding: at(0, 10n), newest: at(10, 15n) });
  expect(figures).toMatchObject({ cpuUsage: '15000000000', cpuUser: '0.00', cpuSys: '50.00' });
});

test.each<[string, Sampled | undefined]>([
  ['before the second sample', undefined],
  ['between samples of one moment', at(10, 1n)],
  ['if the time fell, as of another process', at(0, 30n)],
  ['if the host has accounting only since', at(0, 1n, 1n)],
])('are absent %s', (_, preceding) => {
  expect(cpuFigures({ preceding, newest: at(10, 15n) })).toEqual({ cpuUsage: '15000000000' });
});

test('are absent without times', () => {
  const newest = { state: 'running', at: Milliseconds(10) } as const;
  expect(cpuFigures({ preceding: at(0, 1n), newest })).toEqual({});
  expect(cpuFigures({})).toEqual({});
});

test('are known from the second sample on, and not from one that is too old', async () => {
  const world = await World.open();
  const vmID = await world.boot();
  const figures = { cpuUser: expect.stringMatching(/^\d+\.\d\d$/), cpuSys: expect.any(String) };
  expect(await world.stats(idOf(1))).toMatchObject({ ...figures, cpuActual: true });
  world.host.guest(vmID).hang();
  await world.sampledFor(120);
  expect(await world.stats(vmID)).not.toHaveProperty('cpuUser');
});
