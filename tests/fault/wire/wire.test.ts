import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { needs } from '../../support/needs.ts';
import { figure, isLong, random } from '../form.ts';
import { LIES, lying, silenced } from './lies.ts';
import { honest } from './proxy.ts';
import { torn } from './torn.ts';
import { WireStage } from './wireStage.ts';

const SECONDS = isLong ? 120 : 2;
/** The part of the daemon's messages that are lies. */
const SHARE = 0.02;

needs('VMEMD_TEST_GUEST')('the connection to libvirt', () => {
  let stage: WireStage;
  let number = 1000;

  beforeAll(async () => {
    stage = await WireStage.open();
  });
  afterAll(() => stage.close());

  /** Plays and recovers; reports how often clients got which code. */
  async function survive(what: string, count: () => number, calm: () => void): Promise<void> {
    const before = stage.proxy.connections;
    const codes = await stage.play(SECONDS, (number += 1));
    calm();
    await stage.agreed();
    const connections = stage.proxy.connections - before;
    const answers = [...codes].map(([code, times]) => `${String(times)} of code ${String(code)}`);
    figure(
      `${what}: ${String(count())}; connections: ${String(connections)}; answers: ${answers.join(', ')}`,
    );
  }
  const calm = (): void => {
    stage.proxy.calm();
  };

  test('is cut at any byte, in either direction: all is answered, what was accepted holds, no socket is left', async () => {
    const files = await stage.openFiles();
    const draw = random(100);
    let cuts = 0;
    stage.proxy.meddling = () => {
      const mean = draw() < 0.1 ? 2000 : 20_000;
      const how = { random: draw, mean, longestDelay: 50, onCut: () => (cuts += 1) };
      return { toDaemon: torn(how), toClient: torn(how) };
    };
    stage.proxy.drop();
    await survive('cut at any byte', () => cuts, calm);
    expect(await stage.impossible()).toEqual([]);
    expect(await stage.openFiles()).toBeLessThanOrEqual(files + 3);
  });

  test.each(['plain', 'noise'] as const)(
    'brings %s lies: all is answered, and vmemd shows the truth when they end',
    async (kind) => {
      const draw = random(kind === 'plain' ? 200 : 300);
      let count = 0;
      const lies = LIES[kind];
      const liar = { lies, random: draw, share: SHARE, onLie: () => (count += 1) };
      stage.proxy.meddling = () => ({ toDaemon: honest, toClient: lying(liar) });
      stage.proxy.drop();
      await survive(`${kind} lies`, () => count, calm);
      if (kind === 'plain') expect(await stage.impossible()).toEqual([]);
    },
  );

  test('brings no replies for a while, though the daemon lives: vmemd works on with the next ones', async () => {
    let isSilent = false;
    stage.proxy.meddling = () => ({ toDaemon: honest, toClient: silenced(() => isSilent) });
    stage.proxy.drop();
    await stage.agreed();
    isSilent = true;
    await survive(
      'without replies',
      () => 1,
      () => (isSilent = false),
    );
    expect(await stage.impossible()).toEqual([]);
  });
});
