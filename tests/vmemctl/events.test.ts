import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import type { VmEvent } from '../../src/client/index.ts';
import subscribe from '../../src/verbs/Events.subscribe.ts';
import { describeEvent } from '../../src/vmemctl/events/describe.ts';
import { freePort } from '../support/freePort.ts';
import { startServer, table } from '../support/server.ts';
import { vmemctl } from './vmemctl.ts';

const ID = '00000000-0000-4000-8000-000000000001';
const OTHER = '11111111-0000-4000-8000-000000000001';
const balloon = { event: 'balloon-change', balloon_cur: '786432' };

type Server = Awaited<ReturnType<typeof startServer>>;

let server: Server;
let subscribed: Promise<void>;
beforeEach(async () => {
  let onSubscribe = (): void => undefined;
  subscribed = new Promise((resolve) => (onSubscribe = resolve));
  const overview = { vms: [{ id: ID, name: 'web1' }] };
  const verbs = new Map([
    ...table({ 'Host.getOverview': () => overview }),
    [
      'Events.subscribe',
      {
        ...subscribe,
        call: (...args) => Promise.resolve(subscribe.call(...args)).finally(onSubscribe),
      },
    ],
  ]);
  server = await startServer({}, { verbs });
});
afterEach(() => server.stop());

const there = (): string => `127.0.0.1:${String(server.port)}`;
const happen = (kind: string, vmId: string, detail: object): void => {
  server.events.publish(`|virt|${kind}|${vmId}`, { notify_time: 7, [vmId]: detail });
};

describe('vmemctl events', () => {
  test('prints a line each with the name of the VM, and ends after --count events', async () => {
    const ran = vmemctl(['-a', there(), 'events', '--count', '2']);
    await subscribed;
    happen('VM_memory', ID, balloon);
    happen('VM_status', OTHER, { status: 'Up' });
    happen('VM_status', OTHER, { status: 'Down' });
    const { exit, stdout, stderr } = await ran;
    expect([exit, stderr]).toEqual([0, '']);
    const lines = stdout.split('\n').map((line) => line.replace(/^\d{4}-\d\d-\d\dT[\d:.]+Z /, ''));
    expect(lines).toEqual(['web1 balloon leaves 768 MiB', `${OTHER} is Up`, '']);
  });

  test('prints JSON lines with --json, only of the given VM and kind', async () => {
    const ran = vmemctl(['-a', there(), '--json', 'events', 'web1', '--kind', 'memory', '-n', '1']);
    await subscribed;
    happen('VM_status', ID, { status: 'Up' });
    happen('VM_memory', OTHER, balloon);
    happen('VM_memory', ID, balloon);
    const { stdout } = await ran;
    expect(JSON.parse(stdout)).toEqual({
      time: expect.stringMatching(/^2.*Z$/),
      host: there(),
      type: 'event',
      kind: 'VM_memory',
      name: `|virt|VM_memory|${ID}`,
      vm_id: ID,
      vm_name: 'web1',
      notify_time: 7,
      detail: balloon,
    });
  });

  test('says when the connection is lost, and ends with status 0 when interrupted', async () => {
    const interrupt = new AbortController();
    const ran = vmemctl(['-a', there(), 'events'], { interruption: interrupt.signal });
    await subscribed;
    await server.stop();
    setTimeout(() => interrupt.abort(), 50);
    const { exit, stdout } = await ran;
    expect(exit).toBe(0);
    expect(stdout).toMatch(/^\S+ connection lost \(vmemd is stopping\), trying again\n$/);
  });

  test('of several hosts goes on without one, says so, and ends with status 4', async () => {
    const dead = `ws://127.0.0.1:${String(await freePort())}`;
    const ran = vmemctl(['-a', there(), '-a', dead, 'events', '-n', '1']);
    await subscribed;
    happen('VM_memory', ID, balloon);
    const { exit, stdout, stderr } = await ran;
    expect(exit).toBe(4);
    expect(stdout).toContain(` ${there()} web1 balloon leaves`);
    expect(stderr).toMatch(new RegExp(`^vmemctl: ${dead}: cannot connect`));
  });

  test('without any host ends with status 3', async () => {
    const [one, other] = [await freePort(), await freePort()].map(
      (port) => `127.0.0.1:${String(port)}`,
    );
    const { exit } = await vmemctl(['--insecure', '-a', `${one ?? ''},${other ?? ''}`, 'events']);
    expect(exit).toBe(3);
  });
});

test.each([
  [
    {
      event: 'balloon-moved-outside',
      balloon_cur: '1048576',
      balloon_min: '2097152',
      below_min: true,
    },
    'another program or the guest moved the balloon to 1 GiB, below its minimum of 2 GiB',
  ],
  [
    { event: 'balloon-moved-outside', balloon_cur: '1048576', balloon_min: '1', below_min: false },
    'another program or the guest moved the balloon to 1 GiB',
  ],
  [
    { event: 'balloon-silent', silent: true, freshness: { state: 'stale' } },
    'the guest has stopped to report its memory',
  ],
  [
    { event: 'balloon-silent', silent: false, freshness: { state: 'fresh' } },
    'the guest reports its memory again',
  ],
  [{ event: 'freshness', freshness: { state: 'stale', age_s: 60 } }, 'statistics are stale'],
  [
    { event: 'device-added', alias: 'ua-1', memory_mib: 1280, size_mib: 256, hash: '' },
    'device ua-1 of 256 MiB plugged, memory 1.25 GiB',
  ],
  [
    { event: 'device-removal-failed', alias: 'ua-1', memory_mib: 1280, hash: '' },
    'device ua-1 not released by the guest, memory 1.25 GiB',
  ],
  [
    {
      event: 'memory-job',
      memory_mib: 1024,
      job: {
        job_id: 'a1',
        action: 'set-memory',
        state: 'partial',
        message: 'refused',
        changes: [{ alias: 'ua-1', state: 'refused' }],
      },
    },
    'job a1 set-memory partial (refused): ua-1 refused; memory 1 GiB',
  ],
  [{ event: 'of-the-future' }, '{"event":"of-the-future"}'],
])('an event of memory in words: %j', (detail, words) => {
  expect(describeEvent({ kind: 'VM_memory', detail } as VmEvent)).toBe(words);
});

test('an event of another kind is shown as it came', () => {
  const event = { kind: 'VM_other', detail: { a: 1 } } as unknown as VmEvent;
  expect(describeEvent(event)).toBe('VM_other {"a":1}');
});
