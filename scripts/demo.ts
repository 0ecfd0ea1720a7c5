import { setTimeout as pause } from 'node:timers/promises';
import { Client } from '../src/client/client.ts';
import { readEndpoint } from '../src/common/endpoint.ts';
import { messageOf } from '../src/common/messageOf.ts';
import { createGuests, GUESTS } from './lib/demo.ts';

/** The daemon may be starting. */
const ATTEMPTS = 100;
const BETWEEN_MS = 300;

const [address = 'localhost'] = process.argv.slice(2);
const client = new Client({ targets: [{ kind: 'plain', ...readEndpoint(address, 54_321) }] });
try {
  await answered();
  await createGuests(client);
  console.log(`Simulated guests run: ${GUESTS.map(({ name }) => name).join(', ')}.`);
} catch (error) {
  console.error(messageOf(error));
  process.exitCode = 1;
} finally {
  await client.close();
}

/** Fulfils when the daemon answers; throws what it answered last if it does not within half a minute. */
async function answered(): Promise<void> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      await client.call('Host.getVMList');
      return;
    } catch (error) {
      if (attempt === ATTEMPTS) throw error;
    }
    // the system clock's timers would let the process end meanwhile
    await pause(BETWEEN_MS);
  }
}
