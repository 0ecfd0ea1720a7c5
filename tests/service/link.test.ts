import { describe, expect, test } from '@jest/globals';
import { Milliseconds } from '../../src/common/units.ts';
import { HypervisorError, type Hypervisor } from '../../src/host/hypervisor.ts';
import { createSimulatedHost } from '../../src/host/simulated/simulatedHost.ts';
import { Link } from '../../src/service/link.ts';
import { recorder } from '../support/call.ts';
import { VirtualClock } from '../support/virtualClock.ts';

/** A hypervisor that answers once `failures` attempts have failed. */
function connecting(failures: number, error = new HypervisorError('unreachable', 'no socket')) {
  const clock = new VirtualClock();
  const host = createSimulatedHost({ clock });
  const attempts: number[] = [];
  const hypervisor = new Proxy<Hypervisor>(host, {
    get(target, name) {
      const open = (): Promise<void> => {
        attempts.push(clock.now());
        return attempts.length > failures ? host.open() : Promise.reject(error);
      };
      const value: unknown = name === 'open' ? open : Reflect.get(target, name);
      return typeof value === 'function' ? (value.bind(target) as unknown) : value;
    },
  });
  const { log, lines } = recorder();
  const link = new Link({ hypervisor, clock, log });
  const signal = new AbortController();
  return { clock, host, link, attempts, lines, signal, opened: link.open(signal.signal) };
}

describe('the link to the hypervisor', () => {
  test('is made again and again, ever more rarely, until it holds', async () => {
    const { clock, link, attempts, opened } = connecting(8);
    expect(link.problem).toBe('vmemd is connecting');
    await clock.advance(Milliseconds(0));
    expect(link.problem).toBe('no socket');
    await clock.advance(Milliseconds(60_000));
    await opened;
    expect(link.problem).toBeUndefined();
    const pauses = attempts.slice(1).map((at, i) => at - (attempts[i] ?? 0));
    expect(pauses).toEqual([250, 500, 1000, 2000, 4000, 8000, 10_000, 10_000]);
  });

  test('has one warning while it cannot be made, and a line when it holds', async () => {
    const { clock, lines, opened } = connecting(5);
    await clock.advance(Milliseconds(60_000));
    await opened;
    const shown = lines.filter(({ level }) => Number(level) >= 30);
    expect(shown).toMatchObject([
      { level: 40, reason: 'no socket', msg: 'a simulated host does not answer; waiting for it' },
      { level: 30, msg: 'a simulated host answers' },
    ]);
  });

  test('fails at once if the URI is at fault', async () => {
    const { opened, attempts } = connecting(1, new HypervisorError('invalid', 'no such driver'));
    await expect(opened).rejects.toThrow('no such driver');
    expect(attempts).toHaveLength(1);
  });

  test('is given up when the service stops', async () => {
    const { clock, signal, opened, attempts } = connecting(Infinity);
    await clock.advance(Milliseconds(100));
    signal.abort();
    await clock.advance(Milliseconds(60_000));
    await opened;
    expect(attempts).toHaveLength(1);
  });

  test('knows why it was lost', async () => {
    const { clock, host, link, opened } = connecting(0);
    await opened;
    host.disconnect('libvirtd ended');
    await clock.advance(Milliseconds(0));
    expect(link.problem).toBe('libvirtd ended');
    host.reconnect();
    expect(link.problem).toBeUndefined();
  });
});
