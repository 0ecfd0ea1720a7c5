import { StoredBalloonStory } from '../../../schema/storedBalloonStory.ts';
import { StoredMemoryJobs } from '../../../schema/storedMemoryJobs.ts';
import { StoredMemoryRecord } from '../../../schema/storedMemoryRecord.ts';
import { VdsmError } from '../../../src/common/errors.ts';
import { OVIRT_VM } from '../../../src/domain-xml/metadata.ts';
import { isNewer, parse } from '../../../src/vm/record/stored.ts';
import { readHostDomain } from '../../support/hostDomain.ts';
import { World } from '../../support/world.ts';
import type { Random } from '../random.ts';
import { someDocument } from '../schemaValues.ts';
import type { Target, Verdict } from '../target.ts';

/** The keys of a VM's metadata that are written, as text. */
type Stored = Readonly<Record<string, string>>;

const NUMBERS = [
  '0',
  '1',
  '512',
  '1024',
  '1048576',
  '786432',
  '-1',
  '1.5',
  'x',
  '',
  '9'.repeat(30),
];
const UUID = '00000000-0000-4000-8000-000000000001';

/** A VM whose stored metadata are hostile: it is served, changed, and what others keep there stays. */
export const storedVm: Target<Stored> = {
  name: 'stored-vm',
  weight: 1,
  make: someMetadata,
  open: () => {
    let left = 0;
    let world: World;
    const judgeNext = async (stored: Stored): Promise<Verdict> => {
      if (left-- === 0) {
        world = await World.open();
        left = INPUTS_PER_WORLD;
        await world.boot();
      }
      return judge(world, UUID, stored);
    };
    return Promise.resolve({ judge: judgeNext });
  },
};

function someMetadata(random: Random): Stored {
  const records = [StoredMemoryRecord, StoredMemoryRecord, StoredMemoryJobs];
  const all: Stored = {
    memoryJobs: someDocument(random, random.pick(records)),
    balloonStory: someDocument(random, StoredBalloonStory),
    balloonTarget: random.pick(NUMBERS),
    balloonTargetMemory: random.pick(NUMBERS),
    memGuaranteedSize: random.pick(NUMBERS),
    minGuaranteedMemoryMb: random.pick(NUMBERS),
    memStatsPeriod: random.pick(NUMBERS),
    ownedUuid: random.pick([UUID, UUID, 'other', '']),
    keptFor: random.pick([UUID, UUID, UUID, 'other', '']),
    ballooningEnabled: random.pick(['true', 'false', 'maybe']),
  };
  return Object.fromEntries(Object.entries(all).filter(() => random.chance(0.7)));
}

/** A world remembers what its tests may ask for. */
const INPUTS_PER_WORLD = 50;

/** What others keep in the same element. */
const OTHERS =
  '<clusterVersion>4.7</clusterVersion><x:mine xmlns:x="urn:x" x:a="1">of others</x:mine>';

async function judge(world: World, vmID: string, stored: Stored): Promise<Verdict> {
  const keys = Object.entries(stored).map(([key, value]) => `<${key}>${escaped(value)}</${key}>`);
  const xml = `<vm>${keys.join('')}${OTHERS}</vm>`;
  await world.host.setMetadata(vmID, { ...OVIRT_VM, xml, where: 'live' });
  await world.restart();
  const before = await world.host.domainXml(vmID);
  for (const name of READING) await ask(world, name, { vmID });
  await ask(world, 'VM.setBalloonTarget', { vmID, target: 917_504 });
  await world.seconds(2);
  return changes(stored, before, await world.host.domainXml(vmID));
}

const READING = [
  'VM.getStats',
  'VM.getBalloonInfo',
  'VM.getMemoryDevices',
  'VM.getMemoryJob',
  'VM.getMemoryUsage',
];

/** Returns what should not have become of the metadata. */
function changes(stored: Stored, before: string, after: string): Verdict {
  const { keptFor, ownedUuid, memoryJobs = '' } = stored;
  const isOwn = (keptFor ?? ownedUuid ?? UUID) === UUID;
  const isLater = isOwn && isNewer(memoryJobs);
  if (isLater && after !== before) return 'metadata of a later version are changed';
  if (!KEPT.every((part) => part.test(after))) return 'what others keep in the metadata is lost';
  const { record = '' } = readHostDomain(after);
  const isWritten = record !== (readHostDomain(before).record ?? '');
  return isWritten && parse(record) === undefined ? 'the record cannot be read' : undefined;
}

const KEPT = [/clusterVersion>4\.7</, /urn:x/, /a="1">of others</];

/** Calls a verb; throws what is no error of it. */
async function ask(world: World, method: string, params: object): Promise<void> {
  try {
    await world.call(method, params);
  } catch (error) {
    if (!(error instanceof VdsmError) || error.name === 'UnexpectedError') throw error;
  }
}

const escaped = (text: string): string =>
  text
    .replace(/[^\t\n\r -\ud7ff\ue000-\ufffd]/g, '')
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;');
