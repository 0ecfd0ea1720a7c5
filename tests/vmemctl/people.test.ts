import { once } from 'node:events';
import { type AddressInfo, createServer } from 'node:net';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { widthOf } from '../../src/vmemctl/output/width.ts';
import { idOf } from '../support/world.ts';
import { openSimulated, type Simulated } from './simulated.ts';

const UTF8 = { LANG: 'C.UTF-8' };

let host: Simulated;
beforeAll(async () => {
  host = await openSimulated();
  await host.world.boot(1, { vmName: 'web1' });
  await host.world.boot(2, { vmName: 'web2' });
  await host.world.boot(3, { vmName: 'größe-内存', memGuaranteedSize: 256 });
});
afterAll(() => host.stop());

const run = (line: string, options = {}) =>
  host.run(
    line.split(' ').filter((word) => word !== ''),
    { env: UTF8, ...options },
  );

describe('vmemctl alone', () => {
  test('shows the host, its VMs and what to try next', async () => {
    const { exit, stdout, stderr } = await run('');
    expect([exit, stderr]).toEqual([0, '']);
    expect(stdout).toMatch(/\(a simulated host\) · 3 VMs · policy off\n/);
    for (const label of ['has', 'uses', 'available', 'promised', 'could free']) {
      expect(stdout).toMatch(new RegExp(`^ {2}${label} +`, 'm'));
    }
    expect(stdout).toMatch(/promised +1\.25 GiB/);
    expect(stdout).toMatch(/^web1 .* Up .* 1 GiB .*│/m);
    expect(stdout).toMatch(/\nNext: vmemctl show web1 · /);
  });

  test('fits a terminal of 40 columns', async () => {
    const { stdout } = await run('', { isTTY: true, columns: 40, env: { ...UTF8, NO_COLOR: '1' } });
    for (const line of stdout.split('\n')) expect(widthOf(line)).toBeLessThanOrEqual(40);
    expect(stdout).toContain('größe-内存');
  });

  test('has only ASCII but for names where the locale has', async () => {
    const { stdout } = await run('', { env: {} });
    expect(stdout.replaceAll('größe-内存', '')).toMatch(/^[\n -~]*$/);
  });

  test('prints the answer of the daemon with --json', async () => {
    const { stdout } = await run('--json');
    expect(JSON.parse(stdout)).toMatchObject({
      host: { simulated: true, vms: 3 },
      vms: [{ name: 'web1' }, {}, {}],
    });
  });
});

describe('vmemctl list', () => {
  test('has a line for each VM, with its UUID where there is no terminal', async () => {
    const { stdout } = await run('list');
    const [head, ...lines] = stdout.trim().split('\n');
    expect(head).toMatch(/^NAME +STATUS +USED +CURRENT +MEMORY +MAXIMUM +TARGET +GUARANTEED/);
    expect(lines.map((line) => line.split(' ').at(-1))).toEqual([1, 2, 3].map(idOf));
  });

  test('has colours only on a terminal', async () => {
    expect((await run('list')).stdout).not.toContain('\x1b');
    expect((await run('list', { isTTY: true })).stdout).toContain('\x1b[1m');
    expect((await run('list --no-color', { isTTY: true })).stdout).not.toContain('\x1b');
  });

  test('prints names alone, and the VMs as the API names their parts', async () => {
    expect((await run('list --names')).stdout).toBe('web1\nweb2\ngröße-内存\n');
    const vms = JSON.parse((await run('list --json')).stdout) as object[];
    expect(vms[0]).toMatchObject({ id: idOf(1), name: 'web1', guaranteed_kib: 524_288 });
  });

  test('of several hosts names each, and one that is away hides no other', async () => {
    const away = 'ws://127.0.0.1:9';
    const two = await run(`-a ${host.address.replace('127.0.0.1', 'localhost')} list`);
    expect(two.exit).toBe(0);
    expect(two.stdout.match(/^\S+:\d+ +web1 /gm)).toHaveLength(2);
    const { exit, stdout, stderr } = await run(`-a ${away} list`);
    expect(exit).toBe(4);
    expect(stdout).toMatch(/web1/);
    expect(stderr).toMatch(/^vmemctl: ws:\/\/127\.0\.0\.1:9: cannot connect /);
    expect(stderr).toMatch(/\n3 VMs on 1 host; /);
  });
});

describe('vmemctl hosts', () => {
  test('has a line for each host, and their sums', async () => {
    const [head, one, other, all] = (
      await run(`-a ${host.address.replace('127.0.0.1', 'localhost')} hosts`)
    ).stdout.split('\n');
    expect(head).toMatch(/^HOST +VMS +HAS .* PROMISED +CAN PROMISE +CAN FREE +POLICY +LOOK AT$/);
    expect([one, other]).toEqual([0, 1].map(() => expect.stringMatching(/^\S+:\d+ +3 +\d+ GiB/)));
    expect(all).toMatch(/^in all +6 +\d+ GiB/);
  });

  test('names one that is not reached, and ends with the status of a part', async () => {
    const { exit, stdout } = await run('-a ws://127.0.0.1:9 hosts');
    expect(exit).toBe(4);
    expect(stdout).toMatch(/^127\.0\.0\.1:9 +not reached$/m);
    expect(stdout).toMatch(/^in all +3 /m);
  });

  test('waits for no host that is silent for longer than --timeout', async () => {
    const silent = createServer().listen(0, '127.0.0.1');
    await once(silent, 'listening');
    const { port } = silent.address() as AddressInfo;
    const { exit, stdout, stderr } = await run(
      `-a ws://127.0.0.1:${String(port)} --timeout 0.2 hosts`,
    );
    silent.close();
    expect(exit).toBe(4);
    expect(stdout).toMatch(/not reached/);
    expect(stderr).toMatch(new RegExp(`^vmemctl: ws://127.0.0.1:${String(port)}: `));
  });

  test('of one host has no sums, and with --json what the API says of it', async () => {
    expect((await run('hosts')).stdout.split('\n')).toHaveLength(3);
    const answer = JSON.parse((await run('hosts --json')).stdout) as object;
    expect(answer).toMatchObject({ vms: 3, promised_kib: expect.any(Number) });
    const two = JSON.parse((await run('-a ws://127.0.0.1:9 hosts --json')).stdout) as object[];
    expect(two).toEqual([
      { host: host.address, result: expect.objectContaining({ vms: 3 }) },
      { host: 'ws://127.0.0.1:9', error: expect.stringMatching(/^cannot connect /) },
    ]);
  });
});

describe('vmemctl show', () => {
  test('has all sizes of a VM, each with what it means', async () => {
    const { exit, stdout } = await run('show web1');
    expect(exit).toBe(0);
    expect(stdout).toMatch(/^web1 {2}Up\n00000000-/);
    expect(stdout).toMatch(/used .* of what the guest has; reported .* ago/);
    expect(stdout).toMatch(/guaranteed +512 MiB {2}the balloon leaves at least this/);
    expect(stdout).toMatch(/ceiling +4 GiB/);
  });

  test.each([
    [
      'a method that is not there',
      'call VM.getStat',
      1,
      'The daemon has no method "VM.getStat". Did you mean "VM.getStats"?',
    ],
    ['a name that is not there', 'show wbe1', 1, 'There is no VM "wbe1". Did you mean "web1"?'],
    ['a beginning of two', 'show web', 2, /^"web" may be web1 \(.*\) or web2 \(.*\); write more/],
    ['a command that is not there', 'lsit', 2, "unknown command 'lsit'; did you mean list?"],
    ['a size without unit', 'balloon web1 768', 2, /^size: "768" has no unit: .* as 768M\.$/],
    ['a size without sense', 'set web1 -m much', 2, /^--memory: "much" is no size; write one/],
    [
      'no memory at all',
      'set web1 -m 0G',
      2,
      '--memory: no guest runs without memory; write more.',
    ],
    [
      'more than devices may bring',
      'set web1 -m 99G',
      1,
      'web1 can have 4 GiB at most, as it was started; ask for that or less.',
    ],
    ['nothing to set', 'set web1', 2, 'Say what to set: --memory 4G, --guaranteed 1G or both.'],
  ])('refuses %s in a sentence', async (_, line, status, sentence) => {
    const { exit, stdout, stderr } = await run(line);
    expect([exit, stdout]).toEqual([status, '']);
    const said = stderr.replace(/^vmemctl: /, '').trimEnd();
    if (typeof sentence === 'string') expect(said).toBe(sentence);
    else expect(said).toMatch(sentence);
  });
});

describe('vmemctl balloon', () => {
  test('sets the target, and waits for the balloon', async () => {
    const { exit, stdout, stderr } = await run('balloon web2 768M --wait');
    expect([exit, stdout]).toEqual([0, 'web2: target 768 MiB, from 1 GiB\n']);
    expect(stderr).toBe('web2: the balloon is at 768 MiB\n');
  });

  test('says that a target is limited, and is done in part', async () => {
    const { exit, stdout } = await run('balloon web2 100M');
    expect([exit, stdout]).toEqual([
      4,
      expect.stringMatching(/^web2: target 512 MiB instead of 100 MiB: .*guaranteed/),
    ]);
  });

  test('on a terminal shows the way, and leaves nothing of it', async () => {
    const { stderr } = await run('balloon web2 1G --wait', { isTTY: true });
    expect(stderr).toMatch(/(MiB|GiB) to 1 GiB.*\n\x1b\[1A\x1b\[J/);
    expect(stderr.endsWith('\x1b[Jweb2: the balloon is at 1 GiB\n')).toBe(true);
  });
});

test('vmemctl guarantee sets the guarantee, as does set without a size', async () => {
  expect((await run('set web2 --guaranteed 400M')).stdout).toBe('web2: 400 MiB guaranteed\n');
  const { exit, stdout } = await run('guarantee größe 300M');
  expect([exit, stdout]).toEqual([0, 'größe-内存: 300 MiB guaranteed\n']);
});

describe('vmemctl stats', () => {
  test('has a figure a line, with what it is', async () => {
    const { exit, stdout } = await run('stats web1');
    expect(exit).toBe(0);
    expect(stdout).toMatch(
      /^web1 {2}reported .* ago\n\n {2}memory +1 GiB {2}boot memory and devices\n/,
    );
    expect(stdout).toMatch(/used +\d+ MiB +\d+ % of what is allocated/);
  });

  test('prints lines of equal columns, as they come', async () => {
    const { stdout } = await run('stats web1 --count 2 --interval 1');
    const [head = '', ...lines] = stdout.trimEnd().split('\n');
    expect(head).toMatch(/^TIME +USED +ALLOCATED/);
    expect(lines).toHaveLength(2);
    expect(lines.map(({ length }) => length)).toEqual([head.length, head.length]);
  });

  test('prints lines of JSON with --json', async () => {
    const { stdout } = await run('stats web1 --json --count 1');
    expect(JSON.parse(stdout)).toMatchObject({ memory_kib: 1_048_576, time: expect.any(String) });
  });

  test.each(['0', 'x', '1.5'])('refuses %s lines', async (count) => {
    expect(await run(`stats web1 --count ${count}`)).toMatchObject({ exit: 2, stdout: '' });
  });
});

test('vmemctl top says what to write where there is no terminal', async () => {
  expect(await run('top')).toEqual({
    exit: 2,
    stdout: '',
    stderr:
      'vmemctl: top fills a terminal, and there is none; write vmemctl list --json, or vmemctl stats VM --watch.\n',
  });
});

test('a name in an error moves no cursor', async () => {
  const { stderr } = await host.run(['show', 'a\x1b[2Jb']);
  expect(stderr).toBe('vmemctl: There is no VM "a�[2Jb". See vmemctl list.\n');
});
