import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import { createGuests, GUESTS } from '../../scripts/lib/demo.ts';
import { freePort } from '../support/freePort.ts';
import { World } from '../support/world.ts';

/** A client of a world; a real one differs in types only. */
const clientOf = (world: World) =>
  ({ call: (method: string, params = {}) => world.call(method, params) }) as never;

interface Look {
  readonly vms: readonly { readonly name: string; readonly status: string }[];
}

test('the guests of the demo run, and differ in what they use', async () => {
  const world = await World.open();
  await createGuests(clientOf(world));
  await world.sampledFor(120);
  const { vms } = (await world.call('Host.getOverview')) as Look;
  expect(vms.map(({ name }) => name)).toEqual(GUESTS.map(({ name }) => name));
  const used = vms.map((vm) => (vm as { used_kib?: number }).used_kib);
  expect(new Set(used).size).toBe(GUESTS.length);
});

test('guests that are there already are left alone', async () => {
  const world = await World.open();
  await createGuests(clientOf(world));
  await createGuests(clientOf(world));
  const { vms } = (await world.call('Host.getOverview')) as Look;
  expect(vms).toHaveLength(GUESTS.length);
});

test('nothing is created on a real host', async () => {
  const called: string[] = [];
  const client = {
    call: (method: string) => {
      called.push(method);
      return Promise.resolve({ simulated: false });
    },
  } as never;
  await expect(createGuests(client)).rejects.toThrow('This host is real');
  expect(called).toEqual(['Host.getCapabilities']);
});

/** Runs a program of the project. */
const program = (...args: readonly string[]): ChildProcess =>
  spawn(process.execPath, ['--import', 'tsx', ...args], {
    cwd: join(import.meta.dirname, '../..'),
    stdio: ['ignore', 'pipe', 'ignore'],
  });

test('the demo waits for a daemon that is still starting', async () => {
  const address = `127.0.0.1:${String(await freePort())}`;
  const demo = program('scripts/demo.ts', address);
  const printed = (async () => String(Buffer.concat((await demo.stdout?.toArray()) ?? [])))();
  const ended = once(demo, 'exit');
  const daemon = program('src/main.ts', '--connect', 'simulated', '--listen', address);
  daemon.stdout?.resume();
  try {
    expect(await ended).toEqual([0, null]);
    expect(await printed).toContain(GUESTS.at(-1)?.name);
  } finally {
    daemon.kill();
    await once(daemon, 'exit');
  }
});
