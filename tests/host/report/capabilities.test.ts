import { expect, test } from '@jest/globals';
import type { HostNode } from '../../../src/host/hypervisor.ts';
import { capabilities } from '../../../src/host/report/capabilities.ts';
import { Procfs } from '../../../src/host/report/procfs.ts';
import { KiB } from '../../../src/common/units.ts';
import { validateResult } from '../../../src/api/verb.ts';
import contract from '../../../schema/verbs/Host.getCapabilities.ts';
import { procfs, rootWith } from '../../support/procfs.ts';

/** In libvirt's form. */
const capabilitiesXml = `<capabilities><host><cpu><arch>x86_64</arch><model>EPYC</model></cpu></host>
  <guest><os_type>hvm</os_type><arch name='i686'><machine>pc-i440fx-2.0</machine></arch></guest>
  <guest><os_type>hvm</os_type><arch name='x86_64'>
    <machine maxCpus='255'>pc-q35-7.2</machine><machine canonical='pc-q35-7.2'>q35</machine>
    <machine>pc-q35-7.2</machine><domain type='qemu'/><domain type='kvm'/></arch></guest></capabilities>`;

const node: HostNode = {
  hostname: 'host',
  arch: 'x86_64',
  cpuModel: 'EPYC',
  cpuModels: ['EPYC', 'EPYC-Rome'],
  cpuMhz: 2400,
  cpus: 32,
  sockets: 2,
  cores: 8,
  threads: 2,
  libvirtVersion: 9_000_000,
  hypervisorVersion: 7_002_000,
  capabilitiesXml,
};
const memory = { total: KiB(16_777_216), free: KiB(1) };

const reported = async (changes: Partial<HostNode> = {}, proc: Procfs = procfs()) => {
  const answer = await capabilities({ ...node, ...changes }, memory, proc);
  validateResult(contract, { ...answer, simulated: false });
  return answer;
};

test('quantities are text, as in VDSM', async () => {
  expect(await reported()).toMatchObject({
    memSize: '16384',
    cpuModel: 'EPYC',
    cpuSpeed: '2400',
    cpuSockets: '2',
    cpuCores: '16',
    cpuThreads: '32',
    onlineCpus: '0,1,2,5',
    numaNodeDistance: { 0: [10, 21], 1: [21, 10] },
    autoNumaBalancing: 1,
    hugepages: [1_048_576, 2048],
    operatingSystem: { name: 'Debian GNU/Linux', version: '12', release: '6.1.0-40-amd64' },
  });
});

test("each online CPU is listed with its place, with libvirt's numbers", async () => {
  const xml = `<topology><cells num='2'>
    <cell id='0'><memory unit='KiB'>1</memory><cpus num='2'>
      <cpu id='0' socket_id='0' die_id='1' core_id='2' siblings='0'/><cpu id='1'/></cpus></cell>
    <cell id="1"><cpus num="1"><cpu id="7" socket_id="1" core_id="3" siblings="7"/></cpus></cell>
  </cells></topology>`;
  expect((await reported({ capabilitiesXml: xml })).cpuTopology).toEqual([
    { cpu_id: 0, numa_cell_id: 0, socket_id: 0, die_id: 1, core_id: 2 },
    { cpu_id: 7, numa_cell_id: 1, socket_id: 1, die_id: 0, core_id: 3 },
  ]);
  expect((await reported()).cpuTopology).toEqual([]);
});

test("machine types are those of the host's architecture, without repeats", async () => {
  expect((await reported()).emulatedMachines).toEqual(['pc-q35-7.2', 'q35']);
  expect((await reported({ arch: 'riscv64' })).emulatedMachines).toEqual([]);
});

test('the CPU models are among the flags, where the engine looks for them, and no other models', async () => {
  const xml = '<capabilities><host><secmodel><model>dac</model></secmodel></host></capabilities>';
  const { cpuFlags } = await reported({ capabilitiesXml: xml });
  expect(cpuFlags).toBe('fpu,vme,sse4_2,model_EPYC,model_EPYC-Rome');
});

test.each([
  ["<domain type='kvm'/>", 'true'],
  ['<domain type="kvm"/>', 'true'],
  ["<domain type='qemu'/>", 'false'],
  ['', 'false'],
])('KVM is enabled with %j: %s', async (xml, enabled) => {
  expect((await reported({ capabilitiesXml: xml })).kvmEnabled).toBe(enabled);
});

test.each([
  [7_000_000, 7_000_000, '4.6'],
  [8_000_000, 6_000_000, '4.7'],
  [10_010_000, 9_000_000, '4.7'],
  [10_009_000, 9_001_000, '4.7'],
  [10_010_000, 9_001_000, '4.8'],
])(
  'libvirt %i with QEMU %i reaches cluster level %s',
  async (libvirtVersion, hypervisorVersion, level) => {
    const { clusterLevels } = await reported({ libvirtVersion, hypervisorVersion });
    expect(clusterLevels.at(-1)).toBe(level);
  },
);

test("without any facts about the machine the result still has the engine's required fields", async () => {
  const answer = await reported({ capabilitiesXml: '', cpuModels: [] }, new Procfs(rootWith({})));
  expect(answer).not.toHaveProperty('autoNumaBalancing');
  expect(answer).toMatchObject({
    numaNodes: {},
    onlineCpus: '',
    cpuFlags: '',
    emulatedMachines: [],
    operatingSystem: { name: 'Linux', version: '', release: '' },
  });
});
