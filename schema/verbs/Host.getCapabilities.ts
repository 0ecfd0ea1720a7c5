import {
  array,
  decimal,
  decimalFraction,
  integer,
  object,
  openObject,
  record,
  text,
} from '../types.ts';

export default {
  description:
    'What this host is and can do: memory (MiB as text), NUMA nodes, CPUs, machine types, cluster levels.',
  params: object({}),
  result: openObject(
    {
      memSize: decimal,
      reservedMem: decimal,
      guestOverhead: decimal,
      kvmEnabled: { enum: ['true', 'false'] },
      vmTypes: array(text),
      emulatedMachines: array(text),
      clusterLevels: array(text),
      supportedENGINEs: array(text),
      cpuFlags: text,
      rngSources: array(text),
      HBAInventory: record(array({})),
    },
    {
      numaNodes: record(object({ cpus: array(integer), totalMemory: decimal })),
      numaNodeDistance: record(array(integer)),
      autoNumaBalancing: integer,
      hugepages: array(integer),
      cpuModel: text,
      cpuSpeed: decimalFraction,
      cpuSockets: decimal,
      cpuCores: decimal,
      cpuThreads: decimal,
      onlineCpus: text,
      operatingSystem: record(text),
      software_version: text,
      software_revision: text,
      version_name: text,
      packages2: record(object({ version: text, release: text })),
    },
  ),
  errors: ['UnexpectedError'],
} as const;
