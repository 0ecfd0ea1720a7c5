import type { VdsmError } from '../common/errors.ts';

/** How a request that would change something has ended. */
export interface Ending {
  readonly error?: VdsmError | undefined;
  /** What the client gets for success. */
  readonly result?: unknown;
  readonly isSame: boolean;
  readonly isDryRun: boolean;
  /** The memory job that still runs. */
  readonly job?: string | undefined;
}

/** Whether nothing was changed although the client asked for it. */
export const isRefused = ({ error, result }: Ending): boolean =>
  error !== undefined || memberOf(result, 'applied') === false;

/** Returns why it was not done, or not as asked, in the words that the client gets. */
export function reasonOf({ error, result }: Ending): string | undefined {
  const reason = error?.message ?? memberOf(result, 'reason');
  return typeof reason === 'string' ? reason : undefined;
}

/** Returns in one word how it ended: `begun` while a memory job runs, `planned` for a dry run. */
export function outcomeOf(ending: Ending): 'done' | 'begun' | 'planned' | 'refused' {
  if (isRefused(ending)) return 'refused';
  if (ending.isDryRun) return 'planned';
  return ending.job === undefined ? 'done' : 'begun';
}

/** Returns the end of the line's text. */
export function outcomeText(ending: Ending): string {
  const { isDryRun, isSame, job } = ending;
  const reason = reasonOf(ending);
  if (isRefused(ending)) return `not done, ${reason ?? 'for no known reason'}`;
  if (isDryRun) return 'planned only';
  if (job !== undefined) return `begun, job ${job} is running`;
  if (isSame) return 'done, without a change';
  return reason === undefined ? 'done' : `done, but ${reason}`;
}

/** Returns the object's own member of that name; undefined without it, and for what is no object. */
export function memberOf(value: unknown, name: string): unknown {
  if (typeof value !== 'object' || value === null || !Object.hasOwn(value, name)) return undefined;
  return (value as Readonly<Record<string, unknown>>)[name];
}
