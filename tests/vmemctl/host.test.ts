import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { openSimulated, type Simulated } from './simulated.ts';

let host: Simulated;
beforeAll(async () => {
  host = await openSimulated();
  await host.world.boot(1, { vmName: 'web1' });
});
afterAll(() => host.stop());

const run = (line: string, options = {}) => host.run(line.split(' '), options);

describe('vmemctl policy', () => {
  test('says how the policy runs, and with which parameters', async () => {
    const { exit, stdout } = await run('policy');
    expect(exit).toBe(0);
    expect(stdout).toMatch(/^the policy is off \(adaptive, by \w+\)\n.*\n\nparameters: goal=/);
  });

  test('changes the mode and parameters', async () => {
    const { exit, stdout } = await run('policy observe --set goal=0.3 --set step=default');
    expect([exit, stdout]).toEqual([
      0,
      expect.stringMatching(/^the policy observes: .* by client\)\n$/),
    ]);
    const { policy } = JSON.parse((await run('policy --json')).stdout) as { policy: object };
    expect(policy).toMatchObject({ mode: 'observe', parameters: { goal: 0.3, step: 0.1 } });
    expect((await run('policy off')).stdout).toMatch(/^the policy is off/);
  });

  test('explains what each VM gets, in sentences, and one of them with its figures', async () => {
    expect((await run('policy --explain')).stdout).toMatch(/\n\nweb1 keeps 1 GiB: it uses/);
    const { stdout } = await run('policy --explain web');
    expect(stdout).toMatch(/web1 keeps 1 GiB/);
    expect(stdout).toMatch(/^ {2}current {2}1 GiB$/m);
  });

  test.each([
    ['policy on', /'on' is invalid for argument 'mode'\. Allowed choices are off, observe, act/],
    ['policy --set goal', /Write NAME=VALUE, as goal=0\.2/],
    ['policy act --explain', /--explain changes nothing/],
    ['policy --algorithm best', /Allowed choices are adaptive, mom/],
  ])('refuses %s', async (line, sentence) => {
    expect(await run(line)).toEqual({
      exit: 2,
      stdout: '',
      stderr: expect.stringMatching(sentence),
    });
  });

  test('tells the words of the daemon about a parameter that it does not know', async () => {
    const { exit, stderr } = await run('policy --set gaol=1');
    expect([exit, stderr]).toEqual([1, expect.stringMatching(/^vmemctl: Host\.setPolicy: .*gaol/)]);
  });
});

describe('memory of the host', () => {
  test('is reserved, listed and released by what it is for', async () => {
    const reserved = await run('reserve 1G --for batch --hold 2h');
    expect([reserved.exit, reserved.stdout]).toEqual([
      0,
      expect.stringMatching(/^reserved 1 GiB for batch, .*; vmemctl release [\da-f-]{36}\n$/),
    ]);
    const { stdout } = await run('reservations');
    expect(stdout).toMatch(/^FOR +AMOUNT .*\nbatch +1 GiB +1 GiB .* held /);
    expect((await run('release batsh')).stderr).toBe(
      'vmemctl: There is no reservation "batsh". Did you mean "batch"?\n',
    );
    expect(await run('release batch')).toMatchObject({
      exit: 0,
      stdout: 'batch: 1 GiB released\n',
    });
    expect((await run('reservations')).stdout).toBe('nothing is reserved\n');
  });

  test('cannot be reserved beyond what the host has', async () => {
    const { exit, stdout, stderr } = await run('reserve 900G --for nothing --deadline 1s');
    expect([exit, stdout]).toEqual([1, '']);
    expect(stderr).toMatch(/^vmemctl: Host\.reserveMemory: Not enough resources: /);
  });

  test('is shown with what could be promised and freed', async () => {
    const { exit, stdout } = await run('headroom');
    expect(exit).toBe(0);
    expect(stdout).toMatch(/^ {2}can promise .*\n {2}can reserve .*\n {2}free now /);
    expect(stdout).toMatch(/^web1 /m);
  });

  test.each(['reserve 8 --for x', 'reserve 8G', 'reserve 8G --for x --hold soon'])(
    'refuses %s',
    async (line) => {
      expect(await run(line)).toMatchObject({ exit: 2, stdout: '' });
    },
  );
});
