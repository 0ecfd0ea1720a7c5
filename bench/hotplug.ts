import { execFile } from 'node:child_process';
import { once } from 'node:events';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { WebSocket } from 'ws';
import { WsClient } from '../tests/support/wsClient.ts';
import { build, root } from './build.ts';
import { withDaemon } from './daemon.ts';
import {
  bootGuest,
  byLibvirt,
  growthOf,
  type Party,
  throughVmemd,
  VM_ID,
} from './hotplug/guest.ts';
import { notifications, subscribe } from './hotplug/events.ts';
import { type Sight, type Stage, type Turn, sightsOf, turn } from './hotplug/turn.ts';
import { builtClient, withLibvirtd } from './libvirtd.ts';
import { compared, paired, row, type Row } from './row.ts';

/** Makes changes in the guest visible within two seconds. */
const CONFIGURATION = `[sampling]
interval = 1
[memory]
mem_stats_period_seconds = 1
`;

/**
 * Times plugging and unplugging a DIMM with real libvirt and a Linux guest, beside a bare libvirt client in
 * alternation. Throws if there is no libvirtd, no root to start it, or no bootable guest.
 */
export async function benchHotplug({
  quick,
}: {
  readonly quick: boolean;
}): Promise<readonly Row[]> {
  return withLibvirtd(async (socket, folder) => {
    const image = join(root, '.cache/guest');
    await promisify(execFile)(join(root, 'lab/guest.sh'), [image]);
    await build();
    const config = join(folder, 'vmemd.conf');
    await writeFile(config, CONFIGURATION);
    const uri = `qemu:///system?socket=${socket}`;
    return withDaemon(
      ({ url }) =>
        withParties({ url, uri, image }, (parties) =>
          measure(parties, quick ? { pairs: 1, sights: 1 } : { pairs: 20, sights: 10 }),
        ),
      ...['--connect', uri, '--config', config],
    );
  });
}

/** The two clients that change the guest, and the sources of events. */
interface Parties {
  readonly vmemd: Party;
  readonly bare: Party;
  readonly stage: Stage;
}

async function withParties<T>(
  { url, uri, image }: { readonly url: string; readonly uri: string; readonly image: string },
  work: (parties: Parties) => Promise<T>,
): Promise<T> {
  const { affect, Client, memoryTag } = await builtClient();
  const client = await WsClient.connect(url);
  const socket = new WebSocket(url);
  const libvirt = new Client({ uri });
  try {
    await Promise.all([once(socket, 'open'), libvirt.open()]);
    await subscribe(socket);
    await bootGuest(client, image);
    const domain = libvirt.control.domain(VM_ID);
    const stage: Stage = {
      url,
      notifications: notifications(socket),
      libvirtEvents: (listener) => libvirt.listen(listener),
      growth: () => growthOf(libvirt.statistics.domain(VM_ID), memoryTag.available),
    };
    return await work({
      vmemd: throughVmemd(client, domain),
      bare: byLibvirt(domain, affect.live),
      stage,
    });
  } finally {
    // The guest ends with its libvirtd.
    libvirt.close();
    socket.close();
    await client.close();
  }
}

interface Plan {
  readonly pairs: number;
  readonly sights: number;
}

/** Alternates between both, so that disturbances of the machine affect both. */
async function measure(
  { stage, vmemd, bare }: Parties,
  { pairs, sights }: Plan,
): Promise<readonly Row[]> {
  const seen = await sightsOf(stage, vmemd, sights);
  const ours: Turn[] = [];
  const theirs: Turn[] = [];
  for (let pair = -1; pair < pairs; pair++) {
    const [mine, other] = [await turn(stage, vmemd), await turn(stage, bare)];
    // The first pair is a warm-up.
    if (pair < 0) continue;
    ours.push(mine);
    theirs.push(other);
  }
  return [...plugRows(ours, theirs), ...sightRows(seen), ...unplugRows(ours, theirs)];
}

const SHARE = 'without the libvirt call that makes the change; includes setting a guarantee';
const CALLS = 'includes calls after the reply, but not sampling';
const SIGHT = 'the guest reports once a second and is sampled once a second';

function plugRows(ours: readonly Turn[], theirs: readonly Turn[]): readonly Row[] {
  const answers = (turns: readonly Turn[]) => turns.map(({ plugged }) => plugged);
  const shares = ours.map(({ plugged, plug }) => plugged - plug.change.ms);
  const counts = ours.map(({ plug }) => plug.all.count);
  const others = ours.map(({ plug: { all, change } }) => all.ms - change.ms);
  return [
    compared('plug → answer', 'ms', paired(answers(ours), answers(theirs)), 'bare client'),
    row('plug → answer, our share', 'ms', shares, SHARE),
    row('calls to libvirt for a plug', 'calls', counts, CALLS),
    row('calls to libvirt for a plug but the attach', 'ms', others),
  ];
}

function sightRows(seen: readonly Sight[]): readonly Row[] {
  return [
    row(
      'plug → guest online',
      'ms',
      seen.map(({ online }) => online),
      SIGHT,
    ),
    row(
      'plug → guest reports to libvirt',
      'ms',
      seen.map(({ grown }) => grown),
    ),
  ];
}

function unplugRows(ours: readonly Turn[], theirs: readonly Turn[]): readonly Row[] {
  const shares = ours.map(({ goneByVmemd, unplug }) => goneByVmemd - unplug.change.ms);
  const delays = ours.map(({ goneByVmemd, gone }) => goneByVmemd - gone);
  const counts = ours.map(({ unplug }) => unplug.all.count);
  const others = ours.map(({ unplug: { all, change } }) => all.ms - change.ms);
  return [
    compared(
      'unplug → event',
      'ms',
      ours.map(({ goneByVmemd }, i) => ({ ours: goneByVmemd, theirs: theirs[i]?.gone ?? NaN })),
      'bare client',
    ),
    row('unplug → event, our share', 'ms', shares, SHARE),
    row('unplug → event, after libvirt’s own', 'ms', delays),
    row('calls to libvirt for an unplug', 'calls', counts, CALLS),
    row('calls to libvirt for an unplug but the detach', 'ms', others),
  ];
}
