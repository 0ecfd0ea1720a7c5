import { afterEach } from '@jest/globals';
import { CONNECT, RawClient, startStomp, subscribe, type StompServer } from './harness.ts';

const servers: StompServer[] = [];
const clients: RawClient[] = [];

afterEach(() => {
  for (const client of clients.splice(0)) client.end();
  for (const server of servers.splice(0)) server.stop();
});

export async function start(...args: Parameters<typeof startStomp>): Promise<StompServer> {
  const server = await startStomp(...args);
  servers.push(server);
  return server;
}

export async function open(server: StompServer): Promise<RawClient> {
  const client = await RawClient.open(server.port);
  clients.push(client);
  return client;
}

/** Opens a client that has connected and subscribed to `replies`. */
export async function ready(server: StompServer): Promise<RawClient> {
  const client = await open(server);
  client.write(CONNECT + subscribe('replies', 's1'));
  await client.frame();
  return client;
}
