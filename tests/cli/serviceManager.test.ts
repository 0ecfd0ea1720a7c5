import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { describe, expect, test } from '@jest/globals';
import { ServiceManager } from '../../src/cli/serviceManager.ts';
import { Milliseconds } from '../../src/common/units.ts';
import { needs } from '../support/needs.ts';
import { VirtualClock } from '../support/virtualClock.ts';

function managed(env: Record<string, string> = {}, failure?: Error) {
  const sent: string[][] = [];
  const warnings: string[] = [];
  const clock = new VirtualClock();
  const manager = new ServiceManager({
    env: { NOTIFY_SOCKET: '/run/notify', ...env },
    clock,
    warn: (text) => warnings.push(text),
    notify: (assignments) => {
      sent.push([...assignments]);
      return failure ? Promise.reject(failure) : Promise.resolve();
    },
  });
  return { manager, clock, sent, warnings };
}

const WATCHED = { WATCHDOG_USEC: '30000000', WATCHDOG_PID: String(process.pid) };
const turn = () => new Promise((resolve) => setImmediate(resolve));

describe('the service manager', () => {
  test('learns that vmemd is ready, what it does, and that it ends', async () => {
    const { manager, sent } = managed();
    await manager.ready('connecting');
    await manager.stopping();
    expect(sent).toEqual([
      ['READY=1', 'STATUS=connecting'],
      ['STOPPING=1', 'STATUS=ending'],
    ]);
  });

  test('gets nothing if there is none', async () => {
    const { manager, sent } = managed({ NOTIFY_SOCKET: '' });
    await manager.ready('connecting');
    manager.follow({ status: 'serving', isAlive: true });
    expect(sent).toEqual([]);
  });

  test('gets the status when it has changed, and a sign of life thrice in the time of its watchdog', async () => {
    const { manager, clock, sent } = managed(WATCHED);
    const life = { status: 'connecting', isAlive: true };
    await manager.ready(life.status);
    const end = manager.follow(life);
    await turn();
    life.status = 'serving 2 VMs';
    await clock.advance(Milliseconds(10_000));
    await clock.advance(Milliseconds(10_000));
    end();
    await clock.advance(Milliseconds(60_000));
    expect(sent.slice(1)).toEqual([
      ['WATCHDOG=1'],
      ['WATCHDOG=1', 'STATUS=serving 2 VMs'],
      ['WATCHDOG=1'],
    ]);
  });

  test('gets no sign of life once sampling has stopped', async () => {
    const { manager, clock, sent } = managed(WATCHED);
    const life = { status: '', isAlive: true };
    manager.follow(life);
    await turn();
    life.isAlive = false;
    await clock.advance(Milliseconds(60_000));
    expect(sent).toEqual([['WATCHDOG=1']]);
  });

  test.each([{ WATCHDOG_USEC: '30000000', WATCHDOG_PID: '1' }, { WATCHDOG_USEC: '0' }, {}])(
    'gets no sign of life that it does not expect of this process: %j',
    async (env) => {
      const { manager, clock, sent } = managed(env);
      manager.follow({ status: 'serving', isAlive: true });
      await clock.advance(Milliseconds(20_000));
      expect(sent).toEqual([['STATUS=serving']]);
    },
  );

  test('is out of reach: one warning, and the status is sent again', async () => {
    const { manager, clock, sent, warnings } = managed(
      {},
      new Error('spawn systemd-notify ENOENT'),
    );
    manager.follow({ status: 'serving', isAlive: true });
    await clock.advance(Milliseconds(5_000));
    expect(sent.length).toBeGreaterThan(1);
    expect(warnings).toEqual([expect.stringMatching(/cannot be notified: .*; install/)]);
  });
});

/** Prints each message that arrives at a datagram socket, as systemd's. */
const RECEIVER = `import socket, sys
s = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM); s.bind(sys.argv[1]); print('bound', flush=True)
while True: print(s.recv(4096).decode().replace('\\n', ' '), flush=True)`;

needs('systemd-notify')('a socket as that of systemd', () => {
  test('gets what is sent', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'vmemd-notify-'));
    const path = join(folder, 'notify');
    const receiver = spawn('python3', ['-c', RECEIVER, path], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    const lines = createInterface(receiver.stdout)[Symbol.asyncIterator]();
    try {
      expect((await lines.next()).value).toBe('bound');
      const manager = new ServiceManager({
        env: { NOTIFY_SOCKET: path },
        clock: new VirtualClock(),
        warn: (text) => {
          throw new Error(text);
        },
      });
      await manager.ready('serving 2 VMs of a simulated host');
      expect((await lines.next()).value).toBe('READY=1 STATUS=serving 2 VMs of a simulated host');
    } finally {
      receiver.kill();
      await once(receiver, 'exit');
      rmSync(folder, { recursive: true });
    }
  });
});
