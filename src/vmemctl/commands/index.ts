import type { Register } from '../command.ts';
import { registerCall } from './call.ts';
import { registerNamespaces } from './namespaces.ts';

/** All commands, in the order of the help. */
export const registrations: readonly Register[] = [registerCall, registerNamespaces];
