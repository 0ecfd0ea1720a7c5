import type { Logger } from 'pino';
import { type Cancel, systemClock } from '../common/clock.ts';
import { Milliseconds } from '../common/units.ts';
import { wallMilliseconds } from '../common/time.ts';
import type { Config } from '../config/config.ts';
import { explain } from '../policy/explain/explain.ts';
import type { PolicyLoop } from '../policy/loop/policyLoop.ts';
import type { PolicyRound } from '../policy/loop/round.ts';
import { PolicyTrace } from '../policy/trace/policyTrace.ts';
import { RotatedFile } from '../policy/trace/rotatedFile.ts';
import type { Counters } from '../telemetry/counters.ts';
import type { Registry } from '../vm/registry/registry.ts';

interface RecordParts {
  readonly config: Config;
  readonly log: Logger;
  readonly vms: Registry;
  readonly counters: Counters;
}

/** Counts the rounds of the policy, logs them, and writes them to the trace; returns how to end that. */
export function recordPolicy(policy: PolicyLoop, parts: RecordParts): () => Promise<void> {
  const { log, counters } = parts;
  const trace = openTrace(parts);
  let logged = Promise.resolve();
  const cancel: Cancel = policy.listen((round) => {
    const duration = wallMilliseconds(systemClock) - round.at;
    counters.policyRound(round, Milliseconds(Math.max(0, duration)));
    trace?.write(round);
    if (log.isLevelEnabled('debug')) logged = logRound(round, policy, parts);
  });
  return async () => {
    cancel();
    await Promise.all([logged, trace?.close()]);
  };
}

/** Never rejects. */
async function logRound(round: PolicyRound, policy: PolicyLoop, parts: RecordParts): Promise<void> {
  const { log } = parts;
  try {
    const explained = await explain(round, policy, parts);
    log.debug({ event: 'policy_round', ...explained }, 'a round of the policy');
  } catch (err) {
    log.error({ event: 'bug', err }, 'a round of the policy could not be explained');
  }
}

/** Returns the trace, if one is configured. */
function openTrace({ config, log, vms, counters }: RecordParts): PolicyTrace | undefined {
  const { trace_path: path, trace_max_bytes: maxBytes, trace_files: files } = config.policy;
  if (path === '') return undefined;
  const nameOf = (id: string): string | undefined => vms.find(id)?.domain.name;
  const file = new RotatedFile({ path, maxBytes, files });
  return new PolicyTrace({ file, nameOf, log, onDrop: counters.roundDropped });
}
