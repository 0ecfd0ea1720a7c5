import type { Register } from '../command.ts';

/** `vmemctl doctor`: what is wrong with a host, and what to do. */
export const registerDoctor: Register = (program, run) => {
  program
    .command('doctor')
    .helpGroup('The host:')
    .summary('look for what is wrong on this machine or on the hosts, and say what to do')
    .action(
      run(async (session) => {
        const { runDoctor } = await import('../doctor/runDoctor.ts');
        return runDoctor(session);
      }),
    );
};
