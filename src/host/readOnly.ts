import { HypervisorError, type Hypervisor } from './hypervisor.ts';

/** The members that change no domain; every other one is refused. */
const READING: ReadonlySet<string> = new Set<keyof Hypervisor>([
  'description',
  'isConnected',
  'isReal',
  'isReadOnly',
  'slotRule',
  'hungDomains',
  'silentDomains',
  'daemon',
  'open',
  'close',
  'listen',
  'listDomains',
  'domainXml',
  'nextRunXml',
  'sampleAll',
  'isMoving',
  'node',
  'hostMemory',
]);

const refuse = (): Promise<never> =>
  Promise.reject(new HypervisorError('refused', 'this vmemd runs read-only and changes nothing'));

/** Returns the same hypervisor without the calls that change it: they throw `refused`. */
export const readOnly = (hypervisor: Hypervisor): Hypervisor =>
  new Proxy(hypervisor, {
    get(target, name, receiver) {
      if (name === 'isReadOnly') return true;
      if (name === 'description') return `${target.description}, read-only`;
      const value: unknown = Reflect.get(target, name, target);
      if (typeof value !== 'function') return value;
      if (typeof name === 'string' && !READING.has(name)) return refuse;
      return (...args: unknown[]): unknown => {
        const result: unknown = Reflect.apply(value, target, args);
        return result === target ? receiver : result;
      };
    },
  });
