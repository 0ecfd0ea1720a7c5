/** The checked fields of VM.setMemory's result. */
export interface Resized {
  readonly requested_mib: number;
  readonly expected_mib: number;
  readonly warnings: readonly string[];
  readonly plan: readonly {
    readonly action: string;
    readonly size_mib: number;
    readonly from_mib?: number;
  }[];
}

/** Returns what is wrong with a result; `before` is the VM's memory before the request, if known. */
export function resizedWrongly(answer: Resized, before: number | undefined): string | undefined {
  const { requested_mib, expected_mib, plan, warnings } = answer;
  const gains = plan.map(({ action, size_mib, from_mib = 0 }) => {
    if (action === 'resize') return size_mib - from_mib;
    return action === 'plug' ? size_mib : -size_mib;
  });
  const gained = gains.reduce((sum, gain) => sum + gain, 0);
  const shrinks = gained < 0;
  if (gains.some((gain) => gain === 0 || gain < 0 !== shrinks)) return `a plan of ${String(gains)}`;
  if (before !== undefined && expected_mib !== before + gained) {
    return `${String(expected_mib)} MiB were expected where there are ${String(before + gained)}`;
  }
  if (expected_mib >= requested_mib) return undefined;
  if (shrinks) return `${String(expected_mib)} MiB would be less than were asked for`;
  return warnings.length === 0 ? `no warning of only ${String(expected_mib)} MiB` : undefined;
}
