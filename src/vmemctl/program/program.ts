import { Command } from 'commander';
import { version } from '../../common/version.ts';
import { registrations } from '../commands/index.ts';
import type { Run } from '../command.ts';
import { addGlobalOptions } from '../globals.ts';
import { wrap } from '../output/width.ts';
import type { World } from '../world.ts';

export interface ProgramOptions extends Pick<World, 'stdout' | 'stderr'> {
  /** Turns what a command does into an action of commander. */
  readonly run: Run;
}

/** Returns the whole command line: all options, commands and their help. Errors are thrown, not printed. */
export function createProgram({ stdout, stderr, run }: ProgramOptions): Command {
  const program = new Command('vmemctl')
    .description("Shows and changes the memory of a KVM host's VMs, by its vmemd.")
    .version(`vmemctl ${version()}`, '-V, --version', 'print the version')
    .helpOption('-h, --help', 'print help')
    .configureHelp({ minWidthToWrap: 20 })
    .exitOverride()
    .configureOutput({
      writeOut: (text) => stdout.write(text),
      writeErr: (text) => stderr.write(text),
      outputError: () => undefined,
      getOutHelpWidth: () => stdout.columns ?? 80,
    });
  addGlobalOptions(program);
  for (const register of registrations) register(program, run);
  return program
    .addHelpText('after', afterWidth(stdout.columns))
    .addHelpText('afterAll', ({ command }) => (command.parent ? OF_ALL : ''));
}

const OF_ALL = '\nOptions of every command: vmemctl --help';

const afterWidth = (columns = 80): string =>
  AFTER.map((paragraph) => `\n${wrap(paragraph, columns).join('\n')}`).join('\n');

const AFTER = [
  'Without --host, vmemctl connects to the daemon of this machine: by its unix socket, without TLS on a loopback address, or with TLS and the certificates in /etc/pki/vdsm; -v tells which. VMEMCTL_HOST may name hosts too.',
  'Exit status: 0 done, 1 refused or failed, 2 usage error, 3 unreachable, 4 done in part.',
];
