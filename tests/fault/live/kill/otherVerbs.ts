import { randomUUID } from 'node:crypto';
import { BARE } from '../liveHost.ts';
import { between, type Blow, failing, type Kind, type Stage } from './blow.ts';
import { seenLive } from './memoryVerbs.ts';
import { unsound } from '../../../simulation/judgement.ts';

const MIB = 1024;

/** Both definitions of the guest, as libvirt has them. */
const definitions = ({ host, guest }: Stage): Promise<readonly string[]> =>
  Promise.all(
    [['dumpxml'], ['dumpxml', '--inactive']].map((how) => host.libvirtd.virsh(...how, guest.id)),
  );

/** A judgement after which the guest runs. */
const andResume = ({ guest }: Stage, { send, judge }: Blow): Blow => ({
  send,
  judge: async (answer) => {
    const wrong = await judge(answer);
    if (wrong.length === 0) await guest.call('VM.cont').catch(() => undefined);
    return wrong;
  },
});

/** A request that leaves both definitions of the guest as they are, whatever else `judge` wants. */
async function leaving(stage: Stage, { send, judge }: Blow): Promise<Blow> {
  const before = String(await definitions(stage));
  return {
    send,
    judge: async (answer) => [
      ...(await judge(answer)),
      ...failing({ 'the definitions have changed': String(await definitions(stage)) === before }),
    ],
  };
}

/** What clients and libvirt say of how a VM runs. */
async function status({ host }: Stage, id: string) {
  const [stats] = (await host.call('VM.getStats', { vmID: id })) as [{ status: string }];
  return { told: stats.status, domain: await host.libvirtd.virsh('domstate', id) };
}

const AGREE: Readonly<Record<string, readonly string[]>> = {
  running: ['Up', 'Powering up', 'Powering down', 'RebootInProgress'],
  paused: ['Paused'],
  'shut off': ['Down'],
};

const disagreeing = ({ told, domain }: Awaited<ReturnType<typeof status>>): string[] =>
  failing({ [`told ${told}, but it is ${domain}`]: AGREE[domain]?.includes(told) === true });

/** A request after which a guest is in `after`, which was in `before`. */
function switching(
  stage: Stage,
  verb: string,
  [before, after]: readonly [string, string],
  guest = stage.guest,
): Blow {
  return {
    send: () => guest.call(verb),
    judge: async (answer) => {
      const now = await status(stage, guest.id);
      return [
        ...disagreeing(now),
        ...failing({
          [`${now.domain} after ${verb}`]: [before, after].includes(now.domain),
          [`accepted, but it is ${now.domain}`]: answer !== 'accepted' || now.domain === after,
        }),
      ];
    },
  };
}

const READS = [
  'Host.getAllVmStats',
  'Host.getVMList',
  'Host.getVMFullList',
  'Host.getStats',
  'Host.getCapabilities',
  'Host.getMemoryHeadroom',
  'Host.explainPolicy',
  'Host.getOverview',
];

const readingAll = async (stage: Stage): Promise<Blow> =>
  leaving(stage, {
    send: () => Promise.all(READS.map((verb) => stage.host.call(verb))),
    judge: () => Promise.resolve([]),
  });

const exists = async ({ host }: Stage, id: string): Promise<boolean> =>
  (await host.libvirtd.virsh('list', '--all', '--uuid')).includes(id);

interface Held {
  readonly reservationID: string;
  readonly for?: string;
}
const reservations = async ({ host }: Stage): Promise<readonly Held[]> =>
  (await host.call('Host.getReservations')) as readonly Held[];

interface Policy {
  readonly mode: string;
}
const policy = async ({ host }: Stage): Promise<Policy> =>
  (await host.call('Host.setPolicy')) as Policy;

/** A request after which the policy is in that mode. */
async function changingMode(
  stage: Stage,
  mode: string,
  send: () => Promise<unknown>,
): Promise<Blow> {
  const before = await policy(stage);
  return leaving(stage, {
    send,
    judge: async (answer) => {
      const now = await policy(stage);
      return failing({
        [`the policy is in mode ${now.mode}`]: [before.mode, mode].includes(now.mode),
        [`accepted, but the policy is in mode ${now.mode}`]:
          answer !== 'accepted' || now.mode === mode,
      });
    },
  });
}

/** A VM that VM.create has made or not, for the next VM.destroy. */
let created: string | undefined;

export const OTHER_VERBS: Readonly<Record<string, Kind>> = {
  'VM.pause': (stage) =>
    Promise.resolve(andResume(stage, switching(stage, 'VM.pause', ['running', 'paused']))),
  'VM.cont': async (stage) => {
    await stage.guest.call('VM.pause').catch(() => undefined);
    return andResume(stage, switching(stage, 'VM.cont', ['paused', 'running']));
  },
  'VM.reset': async (stage) => ({
    send: () => stage.guest.call('VM.reset'),
    judge: async () => {
      const wrong = [
        ...disagreeing(await status(stage, stage.guest.id)),
        ...unsound(await seenLive(stage)),
      ];
      // QEMU keeps the balloon's last size over a reset, for good if the target is all memory when the driver starts.
      if (wrong.length === 0) await stage.guest.reportsAfter(Date.now());
      return wrong;
    },
  }),
  'VM.create': (stage) => {
    const id = randomUUID();
    created = id;
    const vmParams = { vmId: id, vmName: id, vmType: 'qemu', maxMemSize: 1024, smp: 1, ...BARE };
    return Promise.resolve({
      send: () => stage.host.call('VM.create', { vmID: id, vmParams }),
      judge: async (answer) => {
        if (!(await exists(stage, id))) return failing({ 'accepted, but gone': answer === 'none' });
        const xml = await stage.host.libvirtd.virsh('dumpxml', '--inactive', id);
        const isWhole = /minGuaranteedMemoryMb[^>]*>128</.test(xml) && xml.includes('<memballoon');
        return [
          ...disagreeing(await status(stage, id)),
          ...failing({ 'the definition lacks something': isWhole }),
        ];
      },
    });
  },
  'VM.destroy': async (stage) => {
    const id = (created ??= randomUUID());
    if (!(await exists(stage, id))) {
      const vmParams = { vmId: id, vmName: id, vmType: 'qemu', smp: 1, ...BARE };
      await stage.host.call('VM.create', { vmID: id, vmParams });
    }
    return {
      send: () => stage.host.call('VM.destroy', { vmID: id }),
      judge: async (answer) => {
        if (!(await exists(stage, id))) return [];
        const wrong = disagreeing(await status(stage, id));
        if (answer === 'accepted') wrong.push('accepted, but it exists');
        // What is left can be destroyed by the same request.
        if (wrong.length === 0) await stage.host.call('VM.destroy', { vmID: id });
        return wrong;
      },
    };
  },
  'Host.reserveMemory': async (stage) => {
    const name = `trial ${String(between(stage, 0, 1_000_000))}`;
    const before = (await reservations(stage)).length;
    return leaving(stage, {
      send: () => stage.host.call('Host.reserveMemory', { amount: 4 * MIB, for: name }),
      judge: async (answer) => {
        const now = await reservations(stage);
        const isHeld = now.some((one) => one.for === name);
        return failing({
          'accepted, but not held': answer !== 'accepted' || isHeld,
          [`${String(now.length)} reservations`]: now.length === before + (isHeld ? 1 : 0),
        });
      },
    });
  },
  'Host.releaseMemory': async (stage) => {
    const [held] = await reservations(stage);
    const { reservationID } = (held ??
      (await stage.host.call('Host.reserveMemory', { amount: 4 * MIB }))) as Held;
    return leaving(stage, {
      send: () => stage.host.call('Host.releaseMemory', { reservationID }),
      judge: async (answer) => {
        const isHeld = (await reservations(stage)).some(
          (one) => one.reservationID === reservationID,
        );
        return failing({ 'accepted, but still held': answer !== 'accepted' || !isHeld });
      },
    });
  },
  'Host.setPolicy': async (stage) => {
    const mode = (await policy(stage)).mode === 'observe' ? 'off' : 'observe';
    return changingMode(stage, mode, () => stage.host.call('Host.setPolicy', { mode }));
  },
  'Host.setMOMPolicyParameters': async (stage) => {
    await stage.host.call('Host.setPolicy', { mode: 'observe' });
    const params = { key_value_store: { balloonEnabled: false } };
    return changingMode(stage, 'off', () => stage.host.call('Host.setMOMPolicyParameters', params));
  },
  // A firmware does not heed the request.
  'VM.shutdown': (stage) =>
    Promise.resolve(switching(stage, 'VM.shutdown', ['running', 'running'], stage.bare)),
  'VM.updateVmPolicy': async (stage) => {
    const params = { vmId: stage.guest.id, vcpuLimit: between(stage, 50, 100) };
    return {
      send: () => stage.guest.call('VM.updateVmPolicy', { params }),
      judge: async () => unsound(await seenLive(stage)),
    };
  },
  'VM.setCpuTuneQuota': (stage) =>
    Promise.resolve({
      send: () => stage.guest.call('VM.setCpuTuneQuota', { quota: 50_000 }),
      judge: async () => unsound(await seenLive(stage)),
    }),
  'all verbs that only read': readingAll,
};
