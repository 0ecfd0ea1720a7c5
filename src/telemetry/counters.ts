import { Counter, Histogram, Registry } from 'prom-client';
import type { Action, ChangeState, MemoryChange } from '../memory/jobs.ts';
import type { Milliseconds } from '../common/units.ts';
import { Durations } from './durations.ts';

const OUTCOMES = ['device-added', 'device-removed', 'device-removal-failed'] as const;

/** What became of a memory device, in the words of the VM_memory event. */
export type DeviceOutcome = (typeof OUTCOMES)[number];

/** Whether news of this kind are about a device's coming or going. */
export const isDeviceOutcome = (kind: string): kind is DeviceOutcome =>
  OUTCOMES.some((outcome) => outcome === kind);

/** How what is done to memory devices ends; what comes to pass after all ends a second time. */
const ENDS: Readonly<Record<Action, readonly ChangeState[]>> = {
  plug: ['online', 'not-online', 'unverified', 'failed'],
  unplug: ['removed', 'refused', 'timed-out', 'removed-late', 'failed'],
  resize: ['reached', 'timed-out', 'reached-late', 'superseded', 'failed'],
};

/** What vmemd counts and times of its own doing; this file alone knows by which library. */
export interface Counters {
  /** A request was answered; `method` must be one of few, which what clients send is not. */
  readonly rpc: (method: string, code: number, duration: Milliseconds) => void;
  /** libvirt answered a call, or the call was given up; waiting for its turn included. */
  readonly libvirtCall: (procedure: string, duration: Milliseconds) => void;
  /** A timer of the event loop came late by this. */
  readonly eventLoopLag: (lag: Milliseconds) => void;
  readonly reconnected: () => void;
  readonly memoryDevice: (outcome: DeviceOutcome) => void;
  /** A change of a memory device has ended so. */
  readonly memoryChange: (change: Pick<MemoryChange, 'action' | 'state'>) => void;
  /** All of it in Prometheus' text format. */
  readonly exposition: () => Promise<string>;
}

/** In seconds: from an answer out of memory to the longest operation on a VM. */
const DURATIONS = [0.001, 0.005, 0.025, 0.1, 0.5, 2.5, 10, 60];
/** In seconds: from what nobody notices to what a client takes for a hung daemon. */
const LAGS = [0.005, 0.01, 0.025, 0.05, 0.1, 0.5, 1, 5];

const RPC = {
  name: 'vmemd_rpc_duration_seconds',
  help: 'Time to answer a JSON-RPC request, by method and by error code, 0 for success; methods that there are not count as "unknown".',
  labelNames: ['method', 'code'],
  buckets: DURATIONS,
} as const;

const LIBVIRT = {
  name: 'vmemd_libvirt_call_duration_seconds',
  help: 'Time until libvirt answered a call, or it was given up; waiting for its turn included.',
  labelNames: ['procedure'],
  buckets: DURATIONS,
} as const;

const LAG = {
  name: 'vmemd_event_loop_lag_seconds',
  help: 'How late vmemd gets to what is due, looked at ten times a second.',
  buckets: LAGS,
} as const;

const RECONNECTS = {
  name: 'vmemd_hypervisor_reconnects_total',
  help: 'How often the hypervisor was lost and came back.',
} as const;

const DEVICES = {
  name: 'vmemd_memory_device_events_total',
  help: 'What became of memory devices that were plugged or asked back.',
  labelNames: ['outcome'],
} as const;

const CHANGES = {
  name: 'vmemd_memory_change_outcomes_total',
  help: 'How changes of memory devices ended; one that came to pass after its time counts as timed-out or not-online too.',
  labelNames: ['action', 'outcome'],
} as const;

/** Counters at zero. */
export function createCounters(): Counters {
  const registry = new Registry();
  const registers = [registry];
  const rpc = new Durations(RPC);
  const libvirtCalls = new Durations(LIBVIRT);
  const lag = new Histogram({ ...LAG, registers });
  return {
    rpc(method, code, duration) {
      rpc.add(duration, method, code);
    },
    libvirtCall(procedure, duration) {
      libvirtCalls.add(duration, procedure);
    },
    eventLoopLag(late) {
      lag.observe(late / 1000);
    },
    ...counters(registers),
    exposition: async () =>
      [rpc.exposition(), libvirtCalls.exposition(), await registry.metrics()].join('\n'),
  };
}

function counters(
  registers: Registry[],
): Pick<Counters, 'reconnected' | 'memoryDevice' | 'memoryChange'> {
  const reconnects = new Counter({ ...RECONNECTS, registers });
  const devices = new Counter({ ...DEVICES, registers });
  const changes = new Counter({ ...CHANGES, registers });
  // a rise from nothing would not be seen as one
  for (const outcome of OUTCOMES) devices.inc({ outcome }, 0);
  for (const [action, ends] of Object.entries(ENDS)) {
    for (const outcome of ends) changes.inc({ action, outcome }, 0);
  }
  return {
    reconnected() {
      reconnects.inc();
    },
    memoryDevice(outcome) {
      devices.inc({ outcome });
    },
    memoryChange({ action, state }) {
      changes.inc({ action, outcome: state });
    },
  };
}
