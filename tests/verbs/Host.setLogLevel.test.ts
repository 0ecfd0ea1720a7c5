import { expect, test } from '@jest/globals';
import { pino } from 'pino';
import { World } from '../support/world.ts';

test.each([
  ['DEBUG', 'debug'],
  ['debug', 'debug'],
  ['warning', 'warn'],
  ['INFO', 'info'],
  ['WARN', 'warn'],
  ['WARNING', 'warn'],
  ['ERROR', 'error'],
  ['CRIT', 'fatal'],
  ['CRITICAL', 'fatal'],
])('%s sets the level %s for all further log lines', async (level, inPino) => {
  const world = await World.open();
  const rootLog = pino({ level: 'silent' });
  await expect(world.call('Host.setLogLevel', { level }, { rootLog })).resolves.toBe(true);
  expect(rootLog.level).toBe(inPino);
});

test('accepts the name of a logger, as VDSM has several', async () => {
  const world = await World.open();
  const rootLog = pino({ level: 'silent' });
  const params = { level: 'INFO', name: 'virt' };
  await expect(world.call('Host.setLogLevel', params, { rootLog })).resolves.toBe(true);
});

test.each(['Debug', 'TRACE', '', null, 10])('refuses the level %j', async (level) => {
  const world = await World.open();
  const rootLog = pino({ level: 'silent' });
  await expect(world.call('Host.setLogLevel', { level }, { rootLog })).rejects.toMatchObject({
    code: -32602,
  });
  expect(rootLog.level).toBe('silent');
});
