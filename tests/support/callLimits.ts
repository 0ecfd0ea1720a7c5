import type { CallOptions } from '../../src/host/hypervisor.ts';

/** Splits the arguments of a call to the host into its limits, kept by a wrapper that delays replies, and the rest. */
export function splitLimits(args: readonly unknown[]): {
  readonly limits: CallOptions;
  readonly rest: readonly unknown[];
} {
  const last = args.at(-1);
  if (typeof last !== 'object' || last === null) return { limits: {}, rest: args };
  const { timeout, signal, ...rest } = last as CallOptions;
  const limits = { ...(timeout !== undefined && { timeout }), ...(signal && { signal }) };
  return { limits, rest: [...args.slice(0, -1), rest] };
}
