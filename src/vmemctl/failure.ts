import { CommanderError } from 'commander';
import {
  CallFailedError,
  CallTimeoutError,
  ClientError,
  ConnectionLostError,
  RefusedError,
  UnreachableError,
} from '../client/index.ts';
import { messageOf } from '../common/messageOf.ts';
import { CommandError, Exit, UsageError } from './exit.ts';

/** How a command ended that did not succeed. */
export interface Failure {
  readonly exit: Exit;
  /** One sentence, that says what is wrong and what to do; undefined if there is nothing to say. */
  readonly sentence?: string;
  /** Where an error arose that should not. */
  readonly bug?: string | undefined;
}

/** Returns the exit status of an error, and what to print. */
export function failureOf(error: unknown): Failure {
  if (error instanceof CommanderError) return ofCommander(error);
  if (error instanceof UsageError) return { exit: Exit.usage, sentence: error.message };
  if (error instanceof CommandError) return { exit: error.exit, sentence: error.message };
  if (error instanceof ClientError) return ofClient(error);
  const bug = error instanceof Error ? error.stack : undefined;
  return {
    exit: Exit.failed,
    sentence: `unexpected error: ${messageOf(error)}; -v shows where.`,
    bug,
  };
}

function ofClient(error: ClientError): Failure {
  const { message } = error;
  if (error instanceof RefusedError) {
    return { exit: Exit.unreachable, sentence: `${message}; choose a certificate by --pki.` };
  }
  if (error instanceof UnreachableError) {
    return { exit: Exit.unreachable, sentence: `${message}; ${adviceFor(error)}.` };
  }
  if (error instanceof ConnectionLostError || error instanceof CallTimeoutError) {
    const advice = 'whether it was carried out is unknown, so look before you repeat it';
    return { exit: Exit.failed, sentence: `${message}; ${advice}.` };
  }
  return {
    exit: Exit.failed,
    sentence: error instanceof CallFailedError ? ofCall(error) : message,
  };
}

function adviceFor({ attempts }: UnreachableError): string {
  switch (attempts.find(({ fault }) => fault !== undefined)?.fault) {
    case 'own-files':
      return 'name the certificates by --pki, or by --ca, --cert and --key';
    case 'daemon-certificate':
      return 'see to the certificate on that host, or name its CA by --ca';
    case undefined:
      return 'see that vmemd runs there, or name another host by --host';
  }
}

/** Returns the daemon's own words, and where to find more about a bug. */
const ofCall = ({ message, method }: CallFailedError): string => `${method}: ${message}`;

function ofCommander({ message, exitCode, code }: CommanderError): Failure {
  if (exitCode === 0) return { exit: Exit.done };
  // printed as help is
  if (code === 'commander.help') return { exit: Exit.usage };
  const [what = '', meant] = message.replace(/^error: /, '').split('\n');
  const hint = meant === undefined ? '; see --help.' : `; ${lowerFirst(meant.slice(1, -1))}`;
  return { exit: Exit.usage, sentence: what.replace(/\.$/, '') + hint };
}

const lowerFirst = (text: string): string => text.charAt(0).toLowerCase() + text.slice(1);
