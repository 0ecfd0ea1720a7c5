import { types } from 'node:util';

const { isNativeError } = types;

/** An error as fields of a log line. */
export interface ErrorFields {
  readonly type: string;
  /** The message with those of its causes, each once. */
  readonly message: string;
  readonly code?: string | number;
  readonly stack?: string;
}

/** Errors of the language, which are about the program rather than the world. */
const BUGS = new Set(['Error', 'TypeError', 'RangeError', 'ReferenceError', 'SyntaxError']);
/** A code of the operating system, such as EACCES. */
const SYSTEM = /^E[A-Z0-9]+$/;

/**
 * Returns the fields of an error. A failure that the program expects, of a hypervisor, a file or a client, has no stack:
 * it would be longer than the message, and the same each time.
 */
export function errorFields(error: Error, needsStack: boolean): ErrorFields {
  const { code, stack = '' } = error as Error & { readonly code?: string | number };
  const isExpected = SYSTEM.test(String(code)) || !BUGS.has(error.name);
  return {
    type: error.name,
    message: messages(error).join(': '),
    ...(code === undefined ? {} : { code }),
    ...(isExpected && !needsStack ? {} : { stack }),
  };
}

/** How many causes are followed; they may form a circle. */
const DEEPEST = 8;

/** Returns an error's message and those of its causes that it does not contain. */
function messages(error: Error): string[] {
  const found: string[] = [];
  let each: unknown = error;
  for (let depth = 0; depth < DEEPEST && isNativeError(each); depth++) {
    const { message } = each;
    if (!found.some((earlier) => earlier.includes(message))) found.push(message);
    each = each.cause;
  }
  return found;
}
