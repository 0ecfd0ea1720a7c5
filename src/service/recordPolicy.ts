import type { PolicyLoop } from '../policy/loop/policyLoop.ts';
import { PolicyTrace } from '../policy/trace/policyTrace.ts';
import { RotatedFile } from '../policy/trace/rotatedFile.ts';
import type { PolicyParts } from './createPolicy.ts';

/** Writes the rounds of the policy to the trace, if one is configured; returns how to end that. */
export function recordPolicy(
  policy: PolicyLoop,
  { config, log, vms }: Omit<PolicyParts, 'reservations'>,
): () => Promise<void> {
  const { trace_path: path, trace_max_bytes: maxBytes, trace_files: files } = config.policy;
  if (path === '') return () => Promise.resolve();
  const file = new RotatedFile({ path, maxBytes, files });
  const nameOf = (id: string): string | undefined => vms.find(id)?.domain.name;
  const trace = new PolicyTrace({ file, nameOf, log });
  const cancel = policy.listen((round) => {
    trace.write(round);
  });
  return async () => {
    cancel();
    await trace.close();
  };
}
