import type { Model } from './model.ts';
import { oneOf, type Operation, type Random } from './operation.ts';

const OF_VM = [
  'VM.getStats',
  'VM.getBalloonInfo',
  'VM.getMemoryUsage',
  'VM.getMemoryDevices',
  'VM.getMemoryJob',
  'VM.getNextRun',
  'VM.getInfo',
  'VM.getMeters',
  'VM.getAuditTrail',
];

/** Those at the end return the most and are drawn least. */
const OF_HOST = [
  ['Host.ping2', 'Host.echo', 'Host.getVMList', 'Host.getStats', 'Host.getHardwareInfo'],
  ['Host.getCapabilities', 'Host.getReservations', 'Host.getMemoryHeadroom', 'healthz', 'help'],
  ['Host.getOverview', 'Host.getAllVmStats', 'Host.explainPolicy', 'metrics'],
  ['Host.getVMFullList', 'Host.dumpxmls', 'Host.getAllMeters', 'Host.getAuditTrail'],
  ['Host.getMemoryHistory', 'Host.getAllVmIoTunePolicies', 'rpc.discover', 'Events.subscribe'],
];

const PARAMS: Readonly<Record<string, object>> = {
  'Host.echo': { message: 'soak' },
  'Host.dumpxmls': { vmList: [] },
  'Host.getMemoryHistory': { seconds: 600 },
};

/** A request that changes nothing. */
export function read(model: Model, random: Random): Operation {
  const vm = model.drawVm(random);
  if (vm && random() < 0.7) {
    return { method: oneOf(random, OF_VM) ?? 'VM.getStats', params: { vmID: vm.id } };
  }
  const group = OF_HOST[Math.floor(OF_HOST.length * random() ** 2)] ?? [];
  const method = oneOf(random, group) ?? 'Host.ping2';
  return { method, params: PARAMS[method] ?? {} };
}
