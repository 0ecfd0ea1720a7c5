import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { VdsmError } from '../../src/common/errors.ts';
import { freePort } from '../support/freePort.ts';
import { startServer } from '../support/server.ts';
import { type Ran, vmemctl } from './vmemctl.ts';

let server: Awaited<ReturnType<typeof startServer>>;
beforeAll(async () => {
  server = await startServer({
    'Host.echo': (params, { flowId }) => ({ params, flowId }),
    'VM.getStats': () => {
      throw new VdsmError('NoSuchVM', 'x is not the id of a VM on this host');
    },
  });
});
afterAll(() => server.stop());

const there = (): string => `127.0.0.1:${String(server.port)}`;
const failed = ({ exit, stdout, stderr }: Ran): [number, string, string] => [exit, stdout, stderr];

describe('vmemctl call', () => {
  test('prints the result as vdsm-client does: indented by 4, keys sorted', async () => {
    const ran = await vmemctl([
      '-a',
      there(),
      'call',
      'Host.echo',
      '{"b":1,"a":[]}',
      '--flow-id',
      'f',
    ]);
    expect(ran).toEqual({
      exit: 0,
      stdout: `{
    "flowId": "f",
    "params": {
        "a": [],
        "b": 1
    }
}
`,
      stderr: '',
    });
  });

  test('reads params from standard input', async () => {
    const argv = ['--host', there(), 'call', 'Host.echo', '-'];
    const { stdout } = await vmemctl(argv, { stdin: '{"from": "stdin"}' });
    expect(JSON.parse(stdout)).toMatchObject({ params: { from: 'stdin' } });
  });

  test('an error of the daemon is a sentence on stderr and exit status 1', async () => {
    const ran = await vmemctl(['-a', there(), 'call', 'VM.getStats', '{}']);
    expect(failed(ran)).toEqual([
      1,
      '',
      'vmemctl: VM.getStats: Virtual machine does not exist: x is not the id of a VM on this host\n',
    ]);
  });

  test('-v prints where it is connected to, requests and replies on stderr', async () => {
    const { stdout, stderr } = await vmemctl(['-v', '-a', there(), 'call', 'Host.echo']);
    expect(stdout).toMatch(/^\{/);
    expect(stderr.split('\n').map((line) => line.slice(0, 12))).toEqual([
      'connected to',
      '→ {"jsonrpc"',
      '← {"jsonrpc"',
      '',
    ]);
  });
});

describe('a host', () => {
  test('is taken from VMEMCTL_HOST unless --host names one', async () => {
    const env = { VMEMCTL_HOST: there() };
    expect((await vmemctl(['call', 'Host.echo'], { env })).exit).toBe(0);
    const other = `ws://127.0.0.1:${String(await freePort())}`;
    expect((await vmemctl(['call', 'Host.echo', '--host', other], { env })).exit).toBe(3);
  });

  test('without a daemon: one sentence, that says what to do, and exit status 3', async () => {
    const port = String(await freePort());
    const ran = await vmemctl(['-a', `localhost:${port}`, '--insecure', 'call', 'Host.echo']);
    expect(failed(ran)).toEqual([
      3,
      '',
      `vmemctl: cannot connect to ws://localhost:${port} (nothing listens there); see that vmemd runs there, or name another host by --host.\n`,
    ]);
  });
});

describe('a mistake in the command line has exit status 2 and says what to do', () => {
  test.each([
    [['cal'], "unknown command 'cal'; did you mean call?"],
    [['shw', 'web1'], "unknown command 'shw'; did you mean show?"],
    [['shw', 'web1', '--watch'], "unknown command 'shw'; did you mean show?"],
    [['frob', 'web1'], "unknown command 'frob'; see --help."],
    [['--jsn'], "unknown option '--jsn'; did you mean --json?"],
    [['--jsn', 'call', 'x'], "unknown option '--jsn'; did you mean --json?"],
    [['call'], "missing required argument 'method'; see --help."],
    [['call', 'x', '{'], /^The params are no JSON \(.*\)\.$/],
    [['call', 'x', '7'], 'The params must be a JSON object or array, as {"vmID": "…"}.'],
    [['-p', '0', 'call', 'x'], /argument '0' is invalid\. A port is a number from 1 to 65535; see/],
    [['--timeout', 'x', 'call', 'x'], /Seconds are a number/],
    [['-a', 'a!b', 'call', 'x'], /^--host: "a!b" is no host; write HOST, /],
    [['--insecure', '--pki', '/x', 'call', 'x'], /^--insecure connects without certificates/],
    [['-a', 'kvm1', '--cert', '/x', 'call', 'x'], '--cert and --key belong together: give both.'],
    [['-a', 'kvm1', '-a', 'kvm2', 'call', 'x'], /^This command works on one host/],
  ])('%j', async (argv, sentence) => {
    const ran = await vmemctl(argv);
    expect(failed(ran)).toEqual([2, '', expect.stringMatching(/^vmemctl: .*\n$/)]);
    const said = ran.stderr.slice('vmemctl: '.length, -1);
    if (typeof sentence === 'string') expect(said).toBe(sentence);
    else expect(said).toMatch(sentence);
  });
});

test.each(['--help', '-h', 'help'])('%s prints help on stdout', async (option) => {
  const { exit, stdout, stderr } = await vmemctl([option]);
  expect([exit, stderr]).toEqual([0, '']);
  expect(stdout).toContain('Exit status: 0 done, 1 refused or failed');
});

test.each([
  [['help', 'VM'], 'Usage: vmemctl VM METHOD'],
  [['help', 'VM', 'setMemory'], 'Usage: vmemctl VM setMemory vmID='],
  [['help', 'ls'], 'Usage: vmemctl list'],
  [['list', '--help'], '\nOptions of every command: vmemctl --help\n'],
])('%j prints help', async (argv, text) => {
  const { exit, stdout } = await vmemctl(argv);
  expect(exit).toBe(0);
  expect(stdout).toContain(text);
});

test('help for a command that does not exist is a mistake', async () => {
  expect(failed(await vmemctl(['help', 'lisst']))).toEqual([
    2,
    '',
    'vmemctl: There is no command "lisst". Did you mean "list"?\n',
  ]);
});
