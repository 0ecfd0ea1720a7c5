import { once } from 'node:events';
import { createConnection, type Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { needs } from '../../support/needs.ts';
import { Asker } from '../asker.ts';
import { figure, isLong } from '../form.ts';
import { WireStage } from '../wire/wireStage.ts';

const FILES = 64;
const CONNECTIONS = 200;
const ROUNDS = isLong ? 20 : 1;

needs('VMEMD_TEST_GUEST')('vmemd without a file descriptor left', () => {
  let stage: WireStage;

  beforeAll(async () => {
    stage = await WireStage.open(`ulimit -n ${String(FILES)}`);
  });
  afterAll(() => stage.close());

  const connect = async (): Promise<Socket> => {
    const { hostname: host, port } = new URL(stage.daemon.url);
    const socket = createConnection({ host, port: Number(port) });
    socket.on('error', () => undefined);
    await Promise.race([once(socket, 'connect'), once(socket, 'close')]);
    return socket;
  };

  test('answers those who are connected, loses libvirt, and takes both up again when there are some', async () => {
    for (let round = 0; round < ROUNDS; round += 1) {
      const asker = await Asker.connect(stage.daemon.url);
      const others = await Promise.all(Array.from({ length: CONNECTIONS }, connect));
      await asker.result('Host.getVMList');
      expect(await stage.openFiles()).toBeGreaterThan(FILES - 8);
      stage.proxy.drop();
      for (let n = 0; n < 20; n += 1) {
        await asker.result('Host.getVMList');
        await asker.ask('Host.getStats');
        await sleep(50);
      }
      for (const socket of others) socket.destroy();
      await stage.agreed();
      expect(asker.miscounted).toEqual([]);
      await asker.close();
    }
    await stage.play(1, 500);
    await stage.agreed();
    expect(await stage.impossible()).toEqual([]);
    figure(
      `${String(CONNECTIONS)} connections to a vmemd with ${String(FILES)} file descriptors, ${String(ROUNDS)} times`,
    );
  });
});
