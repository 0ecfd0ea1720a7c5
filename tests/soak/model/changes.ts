import type { Reply } from '../clients/books.ts';
import type { Model } from './model.ts';
import {
  between,
  endWrite,
  isRefused,
  oneOf,
  type Operation,
  type Random,
  UNSENT,
} from './operation.ts';
import { GUARANTEED, MEMORY, type ModelVm, MOST } from './vm.ts';

const MIB = 1024;
const DIMM = 256;
const SIMS = ['busy', 'wave', 'bursts', 'slow-balloon', 'uses-50%', 'churns', 'slow-boot'];

let aliases = 0;

/** Requests that change one VM. */
type Change = (vm: ModelVm, random: Random, model: Model) => Operation | undefined;

export function createVm(model: Model, random: Random): Operation | undefined {
  const vm = model.newVm();
  if (!vm) return undefined;
  const vmParams = {
    vmName: `soak-${vm.id}`,
    memSize: MEMORY,
    memGuaranteedSize: GUARANTEED,
    maxMemSize: MOST,
    maxMemSlots: 16,
    smp: 2,
    kernel: '/simulated',
    kernelArgs: `vmemd.sim=${oneOf(random, SIMS) ?? ''}`,
  };
  return {
    method: 'VM.create',
    params: { vmID: vm.id, vmParams },
    learn(reply) {
      if (reply.kind === 'result') vm.exists = true;
      else if (reply === UNSENT) model.forget(vm);
      else model.doubt(vm);
    },
  };
}

const setGuaranteed: Change = ({ id, guaranteed: register }, random) => {
  const guaranteed = between(random, 1, 12) * 64;
  const end = register.write(guaranteed);
  return {
    method: 'VM.setGuaranteedMemory',
    params: { vmID: id, guaranteed },
    learn: (reply) => {
      endWrite(end, reply);
    },
  };
};

const setTarget: Change = ({ id, target: register }, random) => {
  const target = between(random, GUARANTEED, MEMORY) * MIB;
  const end = register.write(target);
  return {
    method: 'VM.setBalloonTarget',
    params: { vmID: id, target },
    learn(reply) {
      const isVoid = reply.kind === 'result' && !(reply.result as { applied: boolean }).applied;
      if (isVoid) end('void');
      else endWrite(end, reply);
    },
  };
};

const setPeriod: Change = ({ id, period: register }, random) => {
  const period = between(random, 0, 4);
  const end = register.write(period);
  return {
    method: 'VM.setMemoryStatsPeriod',
    params: { vmID: id, period },
    learn: (reply) => {
      endWrite(end, reply);
    },
  };
};

const plug: Change = (vm, random) => {
  if (vm.plugged.size + vm.doubtful.size > 8) return undefined;
  const alias = `ua-soak${String((aliases += 1))}`;
  const size = between(random, 1, 2) * DIMM;
  vm.doubtful.add(alias);
  return {
    method: 'VM.hotplugMemory',
    params: { vmID: vm.id, params: { memory: { device: 'memory', alias, size, node: 0 } } },
    learn(reply) {
      if (reply.kind === 'result') vm.plugged.add(alias);
      if (reply.kind === 'result' || isRefused(reply)) vm.doubtful.delete(alias);
    },
  };
};

const unplug: Change = (vm, random) => {
  const alias = oneOf(random, [...vm.plugged]);
  if (alias === undefined) return undefined;
  vm.plugged.delete(alias);
  vm.doubtful.add(alias);
  return {
    method: 'VM.hotunplugMemory',
    params: { vmID: vm.id, params: { memory: { device: 'memory', alias } } },
    learn(reply) {
      if (isRefused(reply)) vm.plugged.add(alias);
    },
  };
};

const setMemory: Change = (vm, random) => ({
  method: 'VM.setMemory',
  params: {
    vmID: vm.id,
    memory: MEMORY + between(random, 0, 8) * DIMM,
    wait: random() < 0.3,
    deflate: random() < 0.3,
    dryRun: random() < 0.1,
  },
  learn() {
    vm.resizes += 1;
  },
});

const destroy: Change = (vm, _random, model) => {
  // other clients leave it alone from now on
  model.doubt(vm);
  return {
    method: 'VM.destroy',
    params: { vmID: vm.id },
    learn(reply: Reply) {
      const isUnknown = reply.kind === 'error' && (reply.code === 1 || reply.code === 404);
      if (reply.kind === 'result' || isUnknown) model.forget(vm);
    },
  };
};

const simple =
  (method: string, params: (random: Random, vmID: string) => object = () => ({})): Change =>
  ({ id }, random) => ({ method, params: { vmID: id, ...params(random, id) } });

const OWN = {
  guarantee: [setGuaranteed],
  balloon: [setTarget],
  dimm: [plug, unplug],
  size: [setMemory],
};

/** With their shares. */
const COMMON: readonly (readonly [share: number, change: Change])[] = [
  [0.25, setPeriod],
  [0.03, destroy],
  [0.06, simple('VM.pause')],
  [0.1, simple('VM.cont')],
  [0.04, simple('VM.reset')],
  [0.04, simple('VM.shutdown', () => ({ reboot: true }))],
  [0.01, simple('VM.shutdown', () => ({ timeout: 2, force: true }))],
  [0.06, simple('VM.setCpuTuneQuota', (random) => ({ quota: between(random, 1, 9) * 10_000 }))],
  [0.06, simple('VM.setCpuTunePeriod', (random) => ({ period: between(random, 1, 9) * 10_000 }))],
  [
    0.05,
    simple('VM.updateVmPolicy', (random, vmId) => ({
      params: { vmId, vcpuLimit: between(random, 1, 100) },
    })),
  ],
];

/** A change of a VM that is drawn; undefined if it has nothing to change now. */
export function changeVm(vm: ModelVm, random: Random, model: Model): Operation | undefined {
  if (vm.isDown) return destroy(vm, random, model);
  let drawn = random();
  const found = COMMON.find(([share]) => (drawn -= share) < 0);
  const change = found?.[1] ?? oneOf<Change>(random, OWN[vm.family]);
  const operation = change?.(vm, random, model);
  return operation && { ...operation, learn: watched(vm, operation) };
}

/** A VM that is down is to be destroyed by whoever comes next. */
const watched =
  (vm: ModelVm, { learn }: Operation) =>
  (reply: Reply): void => {
    learn?.(reply);
    if (reply.kind === 'error' && reply.code === 6) vm.isDown = true;
  };
