import type { Command } from 'commander';
import type { Exit } from './exit.ts';
import type { Session } from './session.ts';

/** What a command does; returns the exit status unless that is 0. Errors are printed by the caller. */
export type Work<A extends readonly unknown[]> = (
  session: Session,
  ...args: A
) => Promise<Exit | undefined>;

/** Turns work into an action of commander, whose arguments, options and command follow the session. */
export type Run = <A extends readonly unknown[]>(work: Work<A>) => (...args: A) => Promise<void>;

/** Adds a command to the program. Each file in commands/ exports one; their order is that of the help. */
export type Register = (program: Command, run: Run) => void;
