import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { idOf } from '../support/world.ts';
import { openSimulated, type Simulated } from './simulated.ts';

let host: Simulated;
let count = 0;
beforeAll(async () => {
  host = await openSimulated();
});
afterAll(() => host.stop());

/** Boots a VM of 1 GiB, half of it guaranteed, with room for 4 GiB; returns its name. */
async function boot(behaviour?: string): Promise<string> {
  count += 1;
  const name = `vm-${String(count)}`;
  const kernel = behaviour && { kernel: '/any', kernelArgs: `vmemd.sim=${behaviour}` };
  await host.world.boot(count, { vmName: name, ...kernel });
  return name;
}

const run = (line: string, options = {}) =>
  host.run(line.split(' '), { env: { LANG: 'C.UTF-8' }, ...options });
const devices = () => host.world.devices(idOf(count));

describe('vmemctl set', () => {
  test('grows a VM by devices, and says which', async () => {
    const name = await boot();
    const dry = await run(`set ${name} --memory 2G --dry-run`);
    expect(dry).toMatchObject({ exit: 0, stdout: '' });
    expect(dry.stderr).toBe(`${name}: 2 GiB: plugs 1 device (1 GiB) (nothing is done)\n`);
    expect(devices()).toHaveLength(0);
    const { exit, stdout, stderr } = await run(`set ${name} --memory 2G --guaranteed 1G --wait`);
    expect([exit, stdout]).toEqual([0, `${name}: 2 GiB\n`]);
    expect(stderr).toMatch(/plugs 1 device \(1 GiB\)\n.*waits for the guest\n✓ plug ua-/);
    const { stdout: list } = await run(`list --json`);
    expect(list).toContain('"guaranteed_kib": 1048576');
  });

  test.each(['', ' --wait'])(
    'grows it beyond what its balloon holds: plugs, then gives back, in one document of JSON (%s)',
    async (wait) => {
      const name = await boot();
      await run(`balloon ${name} 768M --wait`);
      const words = await run(`set ${name} -m 1280M --by devices${wait} --dry-run`);
      expect(words.exit).toBe(0);
      const { exit, stdout } = await run(`set ${name} -m 1280M${wait} --json`);
      expect(exit).toBe(0);
      expect(JSON.parse(stdout)).toMatchObject({ job: {}, balloon: { applied: true } });
      expect(devices()).toHaveLength(1);
    },
  );

  test('says how to follow a job after all that it has done itself', async () => {
    const name = await boot();
    await run(`balloon ${name} 768M --wait`);
    const { stderr } = await run(`set ${name} -m 1280M`);
    expect(stderr).toMatch(/gives back what it holds\n(.*\n)*The guest decides: .*\n$/);
  });

  test('shrinks it by unplugging them, and follows them one by one', async () => {
    const name = await boot();
    await run(`set ${name} -m 2G --wait`);
    const { exit, stdout, stderr } = await run(`set ${name} -m 1G --wait`);
    expect([exit, stdout]).toEqual([0, `${name}: 1 GiB\n`]);
    expect(stderr).toMatch(/unplugs 1 device \(1 GiB\)\n(.*\n)*✓ unplug ua-.*: removed\n/);
    expect(devices()).toHaveLength(0);
  });

  test('names the balloon where boot memory cannot be unplugged and nobody can be asked', async () => {
    const name = await boot();
    const { exit, stdout, stderr } = await run(`set ${name} -m 768M`);
    expect([exit, stdout]).toEqual([1, '']);
    expect(stderr).toMatch(
      /its boot memory of 1024 MiB stays; the balloon can take it: vmemctl balloon vm-\d 768M\.\n$/,
    );
    const dry = await run(`set ${name} -m 768M --dry-run`);
    expect([dry.exit, dry.stdout]).toEqual([
      0,
      expect.stringContaining(`vmemctl balloon ${name} 768M`),
    ]);
    const yes = await run(`set ${name} -m 768M --yes --wait`);
    expect([yes.exit, yes.stdout]).toEqual([0, `${name}: target 768 MiB, from 1 GiB\n`]);
  });

  test.each([
    ['y\n', 0],
    ['n\n', 1],
    ['', 1],
  ])('asks on a terminal whether the balloon shall (%j)', async (stdin, status) => {
    const name = await boot();
    const { exit, stderr } = await run(`set ${name} -m 768M`, { isTTY: true, stdin });
    expect(exit).toBe(status);
    expect(stderr).toContain('Shall the balloon leave 768 MiB to the guest instead? [y/N]');
    const { balloon_target: target } = await host.world.balloon(idOf(count));
    expect(target).toBe(status === 0 ? '786432' : '1048576');
  });

  test('gives back what the balloon holds before it plugs anything', async () => {
    const name = await boot();
    await run(`balloon ${name} 512M --wait`);
    const { exit, stderr } = await run(`set ${name} -m 1G --wait`);
    expect(exit).toBe(0);
    expect(stderr).toBe(
      `${name}: 1 GiB by the balloon, which gives back 512 MiB\n${name}: the balloon is at 1 GiB\n`,
    );
    expect(devices()).toHaveLength(0);
  });

  test('takes more by a balloon that holds some', async () => {
    const name = await boot();
    await run(`balloon ${name} 768M --wait`);
    const { exit, stderr } = await run(`set ${name} -m 600M`);
    expect([exit, stderr]).toEqual([0, `${name}: 600 MiB by the balloon, which takes 168 MiB\n`]);
  });

  test('plugs and gives back where more is wanted than the VM has', async () => {
    const name = await boot();
    await run(`balloon ${name} 512M --wait`);
    const { exit, stdout } = await run(`set ${name} -m 2G --wait`);
    expect([exit, stdout]).toEqual([0, expect.stringContaining(`${name}: target 2 GiB`)]);
    expect(await host.world.balloon(idOf(count))).toMatchObject({ balloon_cur: '2097152' });
  });

  test('is done in part where the guest keeps a device, and says which', async () => {
    const name = await boot('refuses-unplug');
    await run(`set ${name} -m 2G --wait`);
    const { exit, stderr } = await run(`set ${name} -m 1G --wait`);
    expect(exit).toBe(1);
    expect(stderr).toMatch(/✗ unplug ua-/);
  });

  test('says how the rest is had where devices do not fit', async () => {
    const name = await boot();
    await run(`set ${name} -m 2G --wait`);
    const { exit, stderr } = await run(`set ${name} -m 768M`);
    expect(exit).toBe(0);
    expect(stderr).toContain(
      `1 GiB, as near to 768 MiB as its devices come: unplugs 1 device (1 GiB)\n`,
    );
    expect(stderr).toContain(`The balloon can take the rest: vmemctl balloon ${name} 768M\n`);
  });

  test('is done in part where the guest does not answer in time, and says that it may still follow', async () => {
    const name = await boot('ignores-unplug');
    await run(`set ${name} -m 2G --wait`);
    const { exit, stderr } = await run(`set ${name} -m 1G --wait`);
    expect(exit).toBe(4);
    expect(stderr).toMatch(/\nThe guest may still follow by itself: vmemctl jobs vm-\d+\n$/);
  });

  test('says what goes on by itself when the user has had enough', async () => {
    const name = await boot('ignores-unplug');
    await run(`set ${name} -m 2G --wait`);
    const { exit, stderr } = await run(`set ${name} -m 1G --wait`, {
      interruption: AbortSignal.abort(),
    });
    expect([exit, stderr]).toEqual([4, expect.stringContaining('The job goes on by itself.\n')]);
  });
});

describe('vmemctl jobs', () => {
  test('shows the jobs of a VM, and follows the newest to its end', async () => {
    const name = await boot();
    expect((await run(`jobs ${name}`)).stdout).toBe(`${name} has no jobs in this run\n`);
    await run(`set ${name} -m 2G`);
    const { exit, stdout } = await run(`jobs ${name} --follow`);
    expect([exit, stdout]).toEqual([
      0,
      expect.stringMatching(/^job \w+: set memory to 2 GiB, done after/),
    ]);
    expect(JSON.parse((await run(`jobs ${name} --json`)).stdout)).toMatchObject([
      { state: 'done', requested_mib: 2048 },
    ]);
  });
});

test('vmemctl devices lists devices after the memory that stays', async () => {
  const name = await boot();
  expect((await run(`devices ${name}`)).stdout).toBe(
    'boot memory 1 GiB, which stays\nno memory devices\n',
  );
  await run(`set ${name} -m 1536M --wait`);
  const { stdout } = await run(`devices ${name}`);
  expect(stdout).toMatch(
    /^boot memory 1 GiB, which stays\n\nSLOT .*\n +0 +dimm +512 MiB +0 +guest-online +ua-/,
  );
});
