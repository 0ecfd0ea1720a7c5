import { readdirSync } from 'node:fs';
import { expect, test } from '@jest/globals';
import { VdsmError } from '../../../src/common/errors.ts';
import type { Handle } from '../../support/server.ts';
import { RawClient, startStomp } from './harness.ts';
import { readSession, replay } from './replay.ts';

const folder = new URL('../../../fixtures/stomp/', import.meta.url);
const names = readdirSync(folder).filter((name) => name.endsWith('.session'));

const methods: Readonly<Record<string, Handle>> = {
  'Host.ping2': () => true,
  'Host.echo': (params) => params,
  'Host.getAllVmStats': () => [],
  'VM.destroy': () => {
    throw new VdsmError('NoSuchVM');
  },
};

test('every client has a recorded session', () => {
  expect(names.length).toBeGreaterThan(8);
});

test.each(names)('%s replays', async (name) => {
  const server = await startStomp(methods);
  const client = await RawClient.open(server.port);
  try {
    await replay(await readSession(new URL(name, folder)), client, server);
  } finally {
    client.end();
    server.stop();
  }
});
