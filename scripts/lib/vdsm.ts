/** How a verb of vmemd differs from VDSM's, and why. */
export interface Difference {
  readonly where: string;
  readonly vdsm: string;
  readonly vmemd: string;
  readonly why: string;
}

/** A verb of VDSM 4.50.7, by its schema and its behaviour when run. */
export interface VdsmVerb {
  /** Its parameters; those that end in "?" may be left out. */
  readonly params: string;
  readonly result: string;
  readonly differences?: readonly Difference[];
}

const differs = (where: string, vdsm: string, vmemd: string, why: string): Difference => ({
  where,
  vdsm,
  vmemd,
  why,
});

const UNKNOWN_ID = differs(
  'unknown id',
  '-32603, without the id',
  '1, Virtual machine does not exist',
  'A client can tell a VM that is gone from a broken daemon.',
);

/** The verbs that vmemd has from VDSM. */
export const vdsmVerbs: Readonly<Record<string, VdsmVerb>> = {
  'Host.confirmConnectivity': { params: '', result: 'true' },
  'Host.dumpxmls': {
    params: 'vmList?',
    result: 'domain XML by id',
    differences: [
      differs(
        'unknown id in vmList',
        '-32603',
        '1, with the id',
        'The engine asks again for the VMs that it still knows; the code says what to do.',
      ),
    ],
  },
  'Host.echo': { params: 'message', result: 'the message' },
  'Host.getAllVmIoTunePolicies': {
    params: '',
    result: 'policies by id',
    differences: [
      differs(
        'result',
        'the I/O limits',
        'always empty',
        'vmemd sets no I/O limits; MoM needs the verb.',
      ),
    ],
  },
  'Host.getAllVmStats': {
    params: '',
    result: 'list of statistics',
  },
  'Host.getCapabilities': {
    params: '',
    result: 'object',
    differences: [
      differs(
        'members',
        'also network, storage and packages',
        'what the engine needs to keep the host Up; simulated is added',
        'vmemd manages neither networks nor storage; a client must see that VMs are not real.',
      ),
    ],
  },
  'Host.getHardwareInfo': { params: '', result: 'texts of the firmware' },
  'Host.getStats': {
    params: '',
    result: 'object',
    differences: [
      differs(
        'unknown values',
        '"0.00" before two samples',
        'absent, or measured from the first answer on',
        'The engine would show 0 % for a busy host.',
      ),
    ],
  },
  'Host.getVMFullList': { params: 'vmList?', result: 'list of vmId, status, statusTime' },
  'Host.getVMList': {
    params: 'fullStatus? vmList? onlyUUID?',
    result: 'list of vmId, status, statusTime',
  },
  'Host.ping': { params: '', result: 'true' },
  'Host.ping2': { params: '', result: 'true' },
  'Host.setKsmTune': {
    params: 'tuningParams',
    result: 'status',
    differences: [
      differs(
        'several settings',
        'a failure may leave some of them set',
        'all or none',
        'A half-applied tuning has no owner who would notice it.',
      ),
    ],
  },
  'Host.setLogLevel': {
    params: 'level name?',
    result: 'true',
    differences: [
      differs('bad level', '-32603', '-32602', 'It is the client’s mistake and is named as one.'),
    ],
  },
  'Host.setMOMPolicy': { params: 'policy', result: 'true' },
  'Host.setMOMPolicyParameters': {
    params: 'key_value_store',
    result: 'true',
    differences: [
      differs(
        'no MoM on the host',
        'logged only',
        'balloonEnabled turns vmemd’s own policy on or off, ksmEnabled its tuning',
        'The engine’s switch in the cluster works on hosts without MoM.',
      ),
      differs(
        'restart',
        'parameters are lost until the engine sends them',
        'saved before they are sent to MoM',
        'MoM would balloon with defaults meanwhile.',
      ),
    ],
  },
  'VM.cont': { params: 'vmID', result: 'vmList' },
  'VM.create': {
    params: 'vmID vmParams',
    result: 'vmId, status, statusTime, xml',
    differences: [
      differs(
        'vmParams without xml',
        '100 ("xml")',
        'the older parameter form is built into domain XML',
        'Programs and people create VMs without writing XML.',
      ),
      differs(
        'no <memballoon>',
        'the VM goes Down',
        'the VM runs without a balloon',
        'libvirt allows it; only ballooning is missing.',
      ),
      differs(
        'memory of the host',
        'no check',
        'with [memory] admission = guaranteed: 14 if what is guaranteed cannot be freed',
        'Off by default, as in VDSM.',
      ),
      differs(
        'name of a stopped domain of another program',
        'the domain is removed',
        'the domain is renamed',
        'A definition that somebody wrote is not thrown away.',
      ),
    ],
  },
  'VM.destroy': { params: 'vmID gracefulAttempts?', result: 'true' },
  'VM.getInfo': {
    params: 'vmID',
    result: 'vmId, status, statusTime',
    differences: [UNKNOWN_ID],
  },
  'VM.getStats': {
    params: 'vmID',
    result: 'list of one statistics object',
    differences: [
      differs(
        'balloonInfo',
        'after two samples, up to 30 s after the start',
        'from the first sample on',
        'MoM can act earlier. The members are the same five.',
      ),
      differs(
        'balloon_target after a plug',
        'as before',
        'grows with the memory, so that an inflated balloon keeps its size',
        'A plugged device would be ballooned away at once.',
      ),
      differs(
        'balloon_min of a VM without a guarantee',
        '0',
        'a floor ([memory] floor_mib, floor_percent); VMs of other programs are not offered for ballooning',
        'MoM would shrink such a guest until it dies.',
      ),
      differs(
        'memoryStats of a guest that has stopped to report',
        'the last values, for ever',
        'absent once old; while ballooned the last ones with balloon_min raised',
        'Old figures look like fresh ones. With the raised minimum MoM can only give memory back.',
      ),
      differs('unknown numbers', '"0"', 'absent', 'A client cannot tell 0 from unknown.'),
    ],
  },
  'VM.hotplugMemory': {
    params: 'vmID params',
    result: '{}',
    differences: [
      differs(
        'result',
        'empty',
        'with the alias of the device',
        'VDSM’s clients ignore members; others find the device without reading XML.',
      ),
      differs(
        'size, slots, NUMA node, guarantee',
        'not checked; memGuaranteedSize null or text corrupts the state after the plug',
        'checked before anything is sent',
        'libvirt’s error comes late and names no remedy.',
      ),
      differs(
        'guarantee after a restart',
        'the one of the creation again',
        'the newest',
        'A guarantee that was given holds.',
      ),
    ],
  },
  'VM.hotunplugMemory': {
    params: 'vmID params',
    result: 'true',
    differences: [
      differs(
        'guarantee given with it',
        'lowered at once',
        'lowered when the device is removed, and not if the guest keeps it',
        'Otherwise a refused unplug takes the guarantee and leaves the memory.',
      ),
      differs(
        'a guest that refuses',
        'never reported',
        'job, event and log say so (VM.getMemoryJob)',
        'An unplug without an outcome waits for ever.',
      ),
    ],
  },
  'VM.pause': { params: 'vmID', result: 'vmList' },
  'VM.reset': { params: 'vmID', result: 'true' },
  'VM.setBalloonTarget': {
    params: 'vmID target',
    result: 'status',
    differences: [
      differs(
        'target below the guarantee or above the memory',
        'sent as it is',
        'limited to the guarantee and the memory; VM.getBalloonInfo says so',
        'Below its guarantee a guest may die; that is what a guarantee excludes.',
      ),
      differs(
        'target that makes sense only in MiB',
        'sent as KiB: the guest dies',
        '91, with the size in KiB',
        'It is a mistake of the unit.',
      ),
      differs(
        'VM without a balloon, or ballooning disabled',
        'success, nothing done',
        'success, with applied false and a reason',
        'MoM ends on errors here; the added members say what happened.',
      ),
      differs(
        'failure',
        '53 without libvirt’s reason',
        '53 with the reason',
        'The code is what clients test, the reason is for people.',
      ),
      differs('null', '100', '-32602', 'It is the client’s mistake and is named as one.'),
    ],
  },
  'VM.setCpuTunePeriod': { params: 'vmID period', result: 'status' },
  'VM.setCpuTuneQuota': {
    params: 'vmID quota',
    result: 'status',
    differences: [
      differs(
        'a value that holds already',
        'a call to libvirt',
        'done at once',
        'MoM works on hosts without the CPU controller of cgroups.',
      ),
    ],
  },
  'VM.shutdown': {
    params: 'vmID delay? message? reboot? timeout? force?',
    result: 'true',
  },
  'VM.updateVmPolicy': {
    params: 'vmID params',
    result: 'status',
    differences: [
      differs(
        'ioTune',
        'sets I/O limits',
        '75',
        'vmemd sets no I/O limits, and does not pretend to.',
      ),
    ],
  },
};
