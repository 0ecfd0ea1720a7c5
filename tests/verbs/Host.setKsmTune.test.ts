import { describe, expect, test } from '@jest/globals';
import { HostReport } from '../../src/host/report/hostReport.ts';
import { procfs } from '../support/procfs.ts';
import { World } from '../support/world.ts';

const set = (world: World, tuningParams: unknown) =>
  world.call('Host.setKsmTune', { tuningParams });
const ksm = async (world: World) => {
  const { ksmState, ksmMergeAcrossNodes } = (await world.call('Host.getStats')) as Record<
    string,
    unknown
  >;
  return { ksmState, ksmMergeAcrossNodes };
};

test('sets the given settings, and keeps the others', async () => {
  const world = await World.open();
  await expect(ksm(world)).resolves.toEqual({ ksmState: true, ksmMergeAcrossNodes: false });
  await expect(set(world, { merge_across_nodes: 1 })).resolves.toEqual({
    code: 0,
    message: 'Done',
  });
  await expect(ksm(world)).resolves.toEqual({ ksmState: true, ksmMergeAcrossNodes: true });
  await set(world, { run: '0' });
  await expect(ksm(world)).resolves.toEqual({ ksmState: false, ksmMergeAcrossNodes: true });
});

test('leaves the settings alone for a while only if they were set', async () => {
  const world = await World.open();
  let pins = 0;
  const ksm = { pin: () => (pins += 1) };
  const set = (tuningParams: object) => world.call('Host.setKsmTune', { tuningParams }, { ksm });
  await expect(set({ run: 3 })).rejects.toThrow();
  expect(pins).toBe(0);
  await set({ run: 1 });
  expect(pins).toBe(1);
});

test.each([
  [{ walk: 1 }, 'walk cannot be set'],
  [{ run: 0, walk: 'far' }, 'walk cannot be set'],
  [{ run: 3 }, 'run is 3'],
  [{ run: -1 }, 'run is -1'],
  [{ pages_to_scan: 4_294_967_296 }, 'pages_to_scan is 4294967296'],
])('fails with 71 for %j as in VDSM, and sets nothing', async (tuning, message) => {
  const world = await World.open();
  await expect(set(world, tuning)).rejects.toMatchObject({
    code: 71,
    message: expect.stringContaining(`Failed to update KSM values: ${message}`),
  });
  await expect(ksm(world)).resolves.toMatchObject({ ksmState: true });
});

test.each([[undefined], [null], [[]], [{ run: null }], [{ run: 0.5 }], [{ run: true }]])(
  'refuses %j',
  async (tuning) => {
    const world = await World.open();
    await expect(set(world, tuning)).rejects.toMatchObject({ code: -32602 });
  },
);

describe('a setting that the kernel refuses', () => {
  test("fails with the kernel's error", async () => {
    const world = await World.open();
    const host = new HostReport(
      world.host,
      procfs({ 'sys/kernel/mm/ksm/sleep_millisecs': undefined }),
    );
    const params = { tuningParams: { sleep_millisecs: 20 } };
    await expect(world.call('Host.setKsmTune', params, { host })).rejects.toMatchObject({
      code: 71,
      message: expect.stringContaining('sleep_millisecs cannot be set to 20: ENOENT'),
    });
  });
});
