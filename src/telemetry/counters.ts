import { Counter, Histogram, Registry } from 'prom-client';
import type { Milliseconds } from '../common/units.ts';
import type { HostEvent } from '../host/hypervisor.ts';
import { type Action, type ChangeState, hasEnded } from '../memory/wireState.ts';
import type { PolicyRound } from '../policy/loop/round.ts';
import type { VmEvent } from '../vm/vmEvent.ts';
import { Durations } from './durations.ts';

/** Event counters and histograms of vmemd itself. Only this file knows the library that keeps them. */
export interface Counters {
  /** Records a reply; `method` must have few values, so not what clients send. */
  readonly rpc: (method: string, code: number, duration: Milliseconds) => void;
  /** Lets the errors of these methods begin at 0, by the codes that a method can have. */
  readonly expectMethods: (methods: ReadonlyMap<string, readonly number[]>) => void;
  /** Lets the series of these procedures of libvirt begin at 0. */
  readonly expectProcedures: (procedures: readonly string[]) => void;
  /** Records a call to libvirt that returned or timed out; the duration includes the wait in the queue. */
  readonly libvirtCall: (procedure: string, duration: Milliseconds) => void;
  /** Records the delay of a timer. */
  readonly eventLoopLag: (lag: Milliseconds) => void;
  /** Counts a client that was turned away for one of few reasons; 0 lets its series begin. */
  readonly turnedAway: (reason: string, clients?: number) => void;
  readonly hostEvent: (event: HostEvent) => void;
  readonly vmEvent: (event: VmEvent) => void;
  /** Counts a round of the policy, its decisions and what came of the targets that it sent. */
  readonly policyRound: (round: CountedRound, duration: Milliseconds) => void;
  /** Counts a round that could not be written to the trace. */
  readonly roundDropped: () => void;
  /** Returns all series in Prometheus' text format. */
  readonly exposition: () => Promise<string>;
}

/** What is counted of a round. */
type CountedRound = Pick<PolicyRound, 'mode' | 'cause' | 'decisions' | 'asked'>;

/** In seconds: from a reply out of memory to the longest operation on a VM. */
const DURATIONS = [0.001, 0.005, 0.025, 0.1, 0.5, 2.5, 10, 60];
/** In seconds: from imperceptible to what a client takes for a hung daemon. */
const LAGS = [0.005, 0.01, 0.025, 0.05, 0.1, 0.5, 1, 5];

const RPC = {
  name: 'vmemd_rpc_duration_seconds',
  help: 'Time to answer a JSON-RPC request, by method and by error code, 0 for success; methods that do not exist count as "unknown".',
  labelNames: ['method', 'code'],
  buckets: DURATIONS,
} as const;

const RPC_ERRORS = {
  name: 'vmemd_rpc_errors_total',
  help: 'JSON-RPC requests that failed, by method and by error code.',
  labelNames: ['method', 'code'],
} as const;

const LIBVIRT = {
  name: 'vmemd_libvirt_call_duration_seconds',
  help: 'Time until a libvirt call returned or timed out, including its wait in the queue.',
  labelNames: ['procedure'],
  buckets: DURATIONS,
} as const;

const LAG = {
  name: 'vmemd_event_loop_lag_seconds',
  help: 'Delay of a timer that is due ten times a second.',
  buckets: LAGS,
} as const;

const RECONNECTS = {
  name: 'vmemd_hypervisor_reconnects_total',
  help: 'Reconnections to the hypervisor after a lost connection.',
} as const;

const TURNED_AWAY = {
  name: 'vmemd_clients_turned_away_total',
  help: 'Connections that were refused or closed by vmemd, by reason; failed requests are in vmemd_rpc_errors_total.',
  labelNames: ['reason'],
} as const;

const ROUNDS = {
  name: 'vmemd_policy_round_duration_seconds',
  help: 'Time of a round of the policy, from its figures until the targets were answered; by mode.',
  labelNames: ['mode'],
  buckets: DURATIONS,
} as const;

const ROUNDS_TOTAL = {
  name: 'vmemd_policy_rounds_total',
  help: 'Rounds of the policy, by mode and by why they were held: their time had come, or tasks of the host began to wait for memory.',
  labelNames: ['mode', 'cause'],
} as const;

const DECISIONS = {
  name: 'vmemd_policy_decisions_total',
  help: 'Decisions of the policy, one for each VM and round, by their rule and by whether the balloon was to move.',
  labelNames: ['rule', 'moves'],
} as const;

const ASKED = {
  name: 'vmemd_policy_asked_total',
  help: 'Targets that the policy has sent, by what came of them at the end of the round.',
  labelNames: ['outcome'],
} as const;

const DROPPED = {
  name: 'vmemd_policy_trace_dropped_total',
  help: 'Rounds of the policy that could not be written to [policy] trace_path.',
} as const;

const DEVICES = {
  name: 'vmemd_memory_device_events_total',
  help: 'Memory devices that were plugged, were unplugged, or that the guest refused to release.',
  labelNames: ['outcome'],
} as const;

const BALLOONS = {
  name: 'vmemd_balloon_moves_outside_total',
  help: 'Balloons found moved by another program or the guest, by whether they left less than the minimum.',
  labelNames: ['below_minimum'],
} as const;

const CHANGES = {
  name: 'vmemd_memory_change_outcomes_total',
  help: 'Outcomes of memory device changes; one that completes after its deadline also counts as timed-out or not-online.',
  labelNames: ['action', 'outcome'],
} as const;

const DEVICE_EVENTS = ['device-added', 'device-removed', 'device-removal-failed'] as const;

/** Final states of a change by its action. */
const OUTCOMES: Readonly<Record<Action, readonly ChangeState[]>> = {
  plug: ['online', 'not-online', 'unverified', 'timed-out', 'failed'],
  unplug: ['removed', 'refused', 'timed-out', 'removed-late', 'failed'],
  resize: ['reached', 'timed-out', 'reached-late', 'superseded', 'failed'],
};

/** Creates counters at zero. */
export function createCounters(): Counters {
  const registry = new Registry();
  const registers = [registry];
  const rpc = new Durations(RPC);
  const libvirtCalls = new Durations(LIBVIRT);
  const rounds = new Durations(ROUNDS);
  const lag = new Histogram({ ...LAG, registers });
  const reconnects = new Counter({ ...RECONNECTS, registers });
  const turnedAway = new Counter({ ...TURNED_AWAY, registers });
  return {
    ...rpcCounters(registers, rpc),
    expectProcedures(procedures) {
      for (const procedure of procedures) libvirtCalls.expect(procedure);
    },
    libvirtCall(procedure, duration) {
      libvirtCalls.add(duration, procedure);
    },
    eventLoopLag(delay) {
      lag.observe(delay / 1000);
    },
    turnedAway(reason, clients = 1) {
      turnedAway.inc({ reason }, clients);
    },
    hostEvent({ kind }) {
      if (kind === 'reconnected') reconnects.inc();
    },
    vmEvent: vmEventCounter(registers),
    ...policyCounters(registers, rounds),
    exposition: async () => {
      const durations = [rpc, libvirtCalls, rounds].map((each) => each.exposition());
      return [...durations, await registry.metrics()].join('\n');
    },
  };
}

function rpcCounters(
  registers: Registry[],
  rpc: Durations,
): Pick<Counters, 'rpc' | 'expectMethods'> {
  const errors = new Counter({ ...RPC_ERRORS, registers });
  return {
    rpc(method, code, duration) {
      rpc.add(duration, method, code);
      if (code !== 0) errors.inc({ method, code });
    },
    // A series that begins at 1 hides its first increment from rate(). For errors that matters; the ten series of durations
    // that each method has would be most of a small host's page, and most methods are never called.
    expectMethods(methods) {
      for (const [method, codes] of methods) {
        for (const code of codes) errors.inc({ method, code }, 0);
      }
    },
  };
}

type PolicyCounters = Pick<Counters, 'policyRound' | 'roundDropped'>;

function policyCounters(registers: Registry[], rounds: Durations): PolicyCounters {
  const decided = new Counter({ ...DECISIONS, registers });
  const sent = new Counter({ ...ASKED, registers });
  const dropped = new Counter({ ...DROPPED, registers });
  const held = new Counter({ ...ROUNDS_TOTAL, registers });
  for (const mode of ['observe', 'act']) {
    rounds.expect(mode);
    for (const cause of ['interval', 'stall']) held.inc({ mode, cause }, 0);
  }
  for (const outcome of OUTCOMES_OF_TARGETS) sent.inc({ outcome }, 0);
  return {
    policyRound({ mode, cause, decisions, asked }, duration) {
      rounds.add(duration, mode);
      held.inc({ mode, cause });
      for (const { target, reason } of decisions) {
        decided.inc({ rule: reason.rule, moves: String(target !== undefined) });
      }
      for (const { outcome } of asked.values()) sent.inc({ outcome });
    },
    roundDropped() {
      dropped.inc();
    },
  };
}

const OUTCOMES_OF_TARGETS = ['applied', 'not-applied', 'failed', 'pending'];

function vmEventCounter(registers: Registry[]): Counters['vmEvent'] {
  const devices = new Counter({ ...DEVICES, registers });
  const changes = new Counter({ ...CHANGES, registers });
  const balloons = new Counter({ ...BALLOONS, registers });
  for (const below_minimum of ['false', 'true']) balloons.inc({ below_minimum }, 0);
  for (const outcome of DEVICE_EVENTS) devices.inc({ outcome }, 0);
  for (const [action, outcomes] of Object.entries(OUTCOMES)) {
    for (const outcome of outcomes) changes.inc({ action, outcome }, 0);
  }
  return (event) => {
    const outcome = DEVICE_EVENTS.find((each) => each === event.kind);
    if (outcome) devices.inc({ outcome });
    if (event.kind === 'balloon-moved-outside') {
      balloons.inc({ below_minimum: String(event.isBelowFloor) });
    }
    if (event.kind === 'memory-job' && hasEnded(event.change)) {
      changes.inc({ action: event.change.action, outcome: event.change.state });
    }
  };
}
