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
import { callRows, plugRows, sightRows, unplugRows } from './hotplug/rows.ts';
import { countedTurn, type Stage, type Turn, sightsOf, turn } from './hotplug/turn.ts';
import { watchWire } from './hotplug/wire.ts';
import { builtClient, withLibvirtd } from './libvirtd.ts';
import type { Row } from './row.ts';

/** Makes changes in the guest visible within two seconds. */
const CONFIGURATION = `[sampling]
interval = 1
[memory]
mem_stats_period_seconds = 1
`;

/**
 * Times plugging and unplugging a DIMM with real libvirt and a Linux guest, beside a bare libvirt client in
 * alternation, and counts vmemd's calls to libvirt. Throws if there is no libvirtd, no root to start it, or no bootable
 * guest.
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
    const at = (path: string) => `qemu:///system?socket=${path}`;
    const times = await withDaemon(
      ({ url }) =>
        withParties({ url, uri: at(socket) }, async (parties) => {
          await bootGuest(parties.client, image);
          return measure(parties, quick ? { pairs: 5, sights: 1 } : { pairs: 20, sights: 10 });
        }),
      ...['--connect', at(socket), '--config', config],
    );
    const wire = await watchWire(join(folder, 'watched'), socket);
    try {
      const calls = await withDaemon(
        ({ url }) =>
          withParties({ url, uri: at(socket) }, ({ stage, vmemd }) =>
            count(3, () => countedTurn(stage, vmemd, wire)),
          ),
        ...['--connect', at(wire.socket), '--config', config],
      );
      return [...times, ...callRows(calls)];
    } finally {
      await wire.stop();
    }
  });
}

/** The two clients that change the guest, and the sources of events. */
interface Parties {
  readonly client: WsClient;
  readonly vmemd: Party;
  readonly bare: Party;
  readonly stage: Stage;
}

async function withParties<T>(
  { url, uri }: { readonly url: string; readonly uri: string },
  work: (parties: Parties) => Promise<T>,
): Promise<T> {
  const { affect, Client, memoryTag } = await builtClient();
  const client = await WsClient.connect(url);
  const socket = new WebSocket(url);
  const libvirt = new Client({ uri });
  try {
    await Promise.all([once(socket, 'open'), libvirt.open()]);
    await subscribe(socket);
    const domain = libvirt.control.domain(VM_ID);
    const stage: Stage = {
      url,
      notifications: notifications(socket),
      libvirtEvents: (listener) => libvirt.listen(listener),
      growth: () => growthOf(libvirt.statistics.domain(VM_ID), memoryTag.available),
    };
    return await work({
      client,
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

async function count<T>(turns: number, work: () => Promise<T>): Promise<readonly T[]> {
  const results: T[] = [];
  // vmemd reads its VMs as it starts; the first turn is not counted.
  for (let i = 0; i <= turns; i++) results.push(await work());
  return results.slice(1);
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
