import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { idOf } from '../support/world.ts';
import { openSimulated, type Simulated } from './simulated.ts';

let host: Simulated;
beforeAll(async () => {
  host = await openSimulated();
});
afterAll(() => host.stop());

const run = (line: string, options = {}) => host.run(line.split(' '), options);

describe('vmemctl create', () => {
  test('creates a VM with its sizes, and waits until it is up', async () => {
    const id = idOf(7);
    const { exit, stdout, stderr } = await run(
      `create first --memory 1G --max 4G --guaranteed 512M --vcpus 2 --uuid ${id} --wait`,
    );
    expect([exit, stdout, stderr]).toEqual([
      0,
      `first: created with 1 GiB, 512 MiB guaranteed, room for 4 GiB (${id})\n`,
      'first: Up\n',
    ]);
    const [vm] = JSON.parse((await run('list --json')).stdout) as object[];
    expect(vm).toMatchObject({ ceiling_kib: 4_194_304, guaranteed_kib: 524_288, status: 'Up' });
  });

  test.each([
    ['a name that is taken', 'create first --memory 1G', 1, /There is a VM first already/],
    ['slots without a maximum', 'create x -m 1G --slots 4', 2, /--slots belong to --max/],
    ['a ramdisk without a kernel', 'create x -m 1G --initrd /i', 2, /give --kernel too/],
    ['no memory', 'create x', 2, /required option '-m, --memory <size>' not specified/],
    ['a maximum below the memory', 'create x -m 1G --max 512M', 1, /is below memSize/],
    ['a UUID that is none', 'create x -m 1G --uuid y', 2, /--uuid: "y" is no UUID/],
    ['no CPUs', 'create x -m 1G --vcpus 0', 2, /Write a number from 1 to 4096/],
  ])('refuses %s', async (_, line, status, sentence) => {
    expect(await run(line)).toEqual({
      exit: status,
      stdout: '',
      stderr: expect.stringMatching(sentence),
    });
  });
});

describe('the life of a VM', () => {
  test('is paused, goes on, restarts and ends', async () => {
    const say = async (line: string) => (await run(line)).stdout;
    expect(await say('pause first')).toBe('first: paused\n');
    expect(await say('list')).toMatch(/first +Paused/);
    expect(await say('resume first')).toBe('first: goes on\n');
    expect(await say('reboot first')).toBe('first: asked to restart\n');
    expect(await say('reset first')).toBe('first: reset\n');
    expect(await say('shutdown first --force-after 5')).toBe(
      'first: asked to power off; destroyed if it still runs in 5 s\n',
    );
  });

  test('ends at once only if that is confirmed', async () => {
    await run('create second -m 512M --wait');
    const refused = await run('destroy second');
    expect([refused.exit, refused.stderr]).toEqual([
      2,
      'vmemctl: Nobody is there to confirm that second is to end; write --yes.\n',
    ]);
    expect((await run('destroy second', { isTTY: true, stdin: 'no\n' })).exit).toBe(1);
    expect((await run('list --names')).stdout).toContain('second');
    expect(await run('destroy second --yes')).toMatchObject({
      exit: 0,
      stdout: 'second: destroyed\n',
    });
    expect((await run('list --names')).stdout).not.toContain('second');
  });
});
