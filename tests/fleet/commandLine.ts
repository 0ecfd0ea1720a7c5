import { execFile } from 'node:child_process';
import { join } from 'node:path';
import type { Fleet } from './fleet.ts';
import { NOBODY } from './network.ts';
import type { Report } from './report.ts';

const program = join(import.meta.dirname, '../../dist/vmemctl/main.cjs');

interface Ran {
  readonly exit: number;
  readonly stdout: string;
  readonly stderr: string;
  readonly seconds: number;
}

/** Checks vmemctl over all hosts, then with one that is silent and one that is not there. */
export async function tryCommandLine({ hosts, pki }: Fleet, report: Report): Promise<void> {
  report.step(`vmemctl over ${String(hosts.length)} hosts`);
  const addresses = hosts.map(({ plan }) => plan.address);
  const run = (words: string, more: readonly string[] = []) =>
    vmemctl([...addresses, ...more], [...words.split(' '), '--pki', pki]);

  const shown = await run('hosts');
  const rows = shown.stdout.trimEnd().split('\n');
  report.check(
    'hosts: a line for each and the sums',
    shown.exit === 0 && rows.length === hosts.length + 2,
  );
  const all = addresses.every((address, index) => rows[index + 1]?.startsWith(`${address} `));
  report.check('hosts: each in the order that was given', all);
  const list = await run('list');
  const vms = list.stdout.trimEnd().split('\n').length - 1;
  report.check('list: all VMs', list.exit === 0 && vms === 10 * hosts.length, list.stderr.trim());
  const json = JSON.parse((await run('list --json')).stdout) as { readonly result?: object[] }[];
  report.check(
    'list --json: an entry for each',
    json.every(({ result }) => result?.length === 10),
  );
  report.figure('list, s', list.seconds.toFixed(2));

  const silent = hosts.at(-1);
  silent?.signal('SIGSTOP');
  const partly = await run('hosts', [NOBODY]);
  silent?.signal('SIGCONT');
  const reached = partly.stdout.split('\n').filter((line) => /%|\d+ GiB/.test(line)).length - 1;
  report.check('a silent host and one that is not there: status 4', partly.exit === 4, partly.exit);
  report.check('the others are shown', reached === hosts.length - 1, reached);
  report.check('both are named with the reason', partly.stderr.trimEnd().split('\n').length === 2);
  report.figure('hosts, with both of them, s', partly.seconds.toFixed(2));
  console.log(`\n${indented(shown.stdout)}\n${indented(partly.stderr)}`);
}

const indented = (text: string): string => text.trimEnd().replace(/^/gm, '       ');

function vmemctl(hosts: readonly string[], args: readonly string[]): Promise<Ran> {
  const began = performance.now();
  const env = { ...process.env, VMEMCTL_HOST: hosts.join(',') };
  return new Promise((resolve) => {
    execFile(program, args, { env, maxBuffer: 2 ** 26 }, (error, stdout, stderr) => {
      const exit = error === null ? 0 : Number(error.code);
      resolve({ exit, stdout, stderr, seconds: (performance.now() - began) / 1000 });
    });
  });
}
