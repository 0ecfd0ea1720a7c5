import { expect, test } from '@jest/globals';
import { Milliseconds } from '../../src/common/units.ts';
import { Readiness } from '../../src/service/readiness.ts';
import { recorder } from '../support/call.ts';
import { VirtualClock } from '../support/virtualClock.ts';

/** A hypervisor whose VMs can be read after `failures` attempts. */
function reading(failures: number) {
  const clock = new VirtualClock();
  const { log, lines } = recorder();
  const link: { problem: string | undefined } = { problem: undefined };
  const vms = {
    isReady: false,
    start: () => {
      if (failures-- > 0) return Promise.reject(new Error('no reply'));
      vms.isReady = true;
      return Promise.resolve();
    },
  };
  const readiness = new Readiness({
    hypervisor: { description: 'libvirt' },
    link,
    vms,
    clock,
    log,
  });
  return { clock, lines, link, readiness };
}

const { signal } = new AbortController();

test('the reason is the connection, then the reading, then none', async () => {
  const { link, readiness } = reading(0);
  link.problem = 'no socket';
  expect(readiness.obstacle).toBe('libvirt is out of reach: no socket');
  link.problem = undefined;
  expect(readiness.obstacle).toBe('the VMs of libvirt are being read; try again');
  await readiness.readVms(signal);
  expect([readiness.problem, readiness.obstacle]).toEqual([undefined, undefined]);
});

test('VMs that cannot be read are read again, and meanwhile the reason is known', async () => {
  const { clock, lines, readiness } = reading(2);
  const done = readiness.readVms(signal);
  await clock.advance(Milliseconds(0));
  expect(readiness.obstacle).toBe('the VMs of libvirt cannot be read: no reply');
  expect(readiness.problem).toBe(readiness.obstacle);
  await clock.advance(Milliseconds(10_000));
  await done;
  expect(readiness.obstacle).toBeUndefined();
  expect(lines.filter(({ level }) => level === 40)).toMatchObject([{ reason: 'no reply' }]);
});

test('a lost connection is a problem, but no obstacle once the VMs are known', async () => {
  const { link, readiness } = reading(0);
  await readiness.readVms(signal);
  link.problem = 'libvirtd ended';
  expect(readiness.problem).toBe('libvirt is out of reach: libvirtd ended');
  expect(readiness.obstacle).toBeUndefined();
});
