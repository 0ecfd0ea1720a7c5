import type { Peer } from '../../src/api/context.ts';
import { readFileSync, readdirSync } from 'node:fs';
import { EventBus } from '../../src/jsonrpc/eventBus.ts';
import { createCall } from '../../src/jsonrpc/call.ts';
import { createDispatch } from '../../src/jsonrpc/dispatch.ts';
import type { Turns } from '../../src/jsonrpc/turns.ts';
import { dispatched } from './dispatched.ts';
import { idOf, parameters, World } from './world.ts';
import { VirtualClock } from './virtualClock.ts';

/** One request with its reply, as recorded; `{"$matches": "…"}` stands for any text that fits. */
export interface Exchange {
  readonly name: string;
  /** What was there before; nothing unless said. */
  readonly given?: keyof typeof states;
  readonly params?: unknown;
  readonly result?: unknown;
  readonly error?: { readonly code: number; readonly message: unknown; readonly data?: object };
}

const folder = new URL('../../fixtures/verbs/', import.meta.url);

/** The recorded exchanges by method. */
export const recorded = (): ReadonlyMap<string, readonly Exchange[]> =>
  new Map(
    readdirSync(folder).map((file) => [
      file.replace(/\.json$/, ''),
      JSON.parse(readFileSync(new URL(file, folder), 'utf8')) as readonly Exchange[],
    ]),
  );

const unwilling = { kernel: '/vmlinuz', kernelArgs: 'vmemd.sim=refuses-unplug' };
const without = { devices: [{ type: 'balloon', device: 'memballoon', model: 'none' }] };

const states = {
  'a VM that starts': async (world: World) => {
    await world.call('VM.create', { vmID: idOf(1), vmParams: parameters() });
  },
  'a VM that is Up': async (world: World) => {
    await world.boot();
  },
  'a VM that is Paused': async (world: World) => {
    await world.call('VM.pause', { vmID: await world.boot() });
  },
  'a VM that is Down': async (world: World) => {
    world.host.guest(await world.boot()).shutDownFromInside();
    await world.seconds(1);
  },
  'a VM with a device': async (world: World) => {
    await world.plug(await world.boot(), 256);
  },
  'a VM with a device that it does not give back': async (world: World) => {
    await world.plug(await world.boot(1, unwilling), 256);
  },
  'a VM whose guest has refused': async (world: World) => {
    const vmID = await world.boot(1, unwilling);
    await world.unplug(vmID, await world.plug(vmID, 256)).catch(() => undefined);
  },
  'a VM without a balloon': async (world: World) => {
    await world.boot(1, without);
  },
  'a VM in two slots, both taken': async (world: World) => {
    const vmID = await world.boot(1, { maxMemSlots: 2 });
    await world.plug(vmID);
    await world.plug(vmID);
  },
};

/** Runs requests before anything else happens in their world. */
const atOnce: Pick<Turns, 'add' | 'take'> = {
  add: (_, run) => {
    run();
  },
  take: async (_, run) => run(),
};

/** What the real dispatcher answers to this request in a world where everything is as it was. */
export async function replay(method: string, { given, params }: Exchange): Promise<unknown> {
  const world = await World.open();
  if (given !== undefined) await states[given](world);
  const call = createCall({
    verbs: world.verbs,
    services: world.services,
    signal: new AbortController().signal,
    log: world.log,
    clock: new VirtualClock(),
  });
  const dispatch = createDispatch(call, { turns: atOnce });
  const request = { jsonrpc: '2.0', id: 1, method, params, flow_id: 'recorded' };
  const peer: Peer = {
    address: 'test',
    access: 'admin',
    subscriptions: new EventBus().open(() => undefined),
  };
  const caller = { peer, outstanding: 0 };
  const running = dispatched(dispatch, { text: JSON.stringify(request), caller });
  return JSON.parse((await world.during(10, running)) ?? 'null') as unknown;
}
