import { describe, expect, test } from '@jest/globals';
import { Milliseconds, Seconds } from '../../src/common/units.ts';
import { Life } from '../../src/service/life.ts';
import { VirtualClock } from '../support/virtualClock.ts';

function living(problem?: string, vms = 2) {
  const clock = new VirtualClock();
  const config = {
    sampling: { interval: Seconds(5), history: 10 },
    vars: { vm_command_timeout: Seconds(60) },
  };
  const life = new Life({
    clock,
    config: config as ConstructorParameters<typeof Life>[0]['config'],
    hypervisor: { description: 'a simulated host' },
    readiness: { problem },
    vms: { list: () => Array.from({ length: vms }, () => ({}) as never) },
  });
  return { life, clock };
}

describe('what the service reports of itself', () => {
  test.each([
    [undefined, 2, 'serving 2 VMs of a simulated host'],
    [undefined, 1, 'serving 1 VM of a simulated host'],
    ['libvirt is out of reach', 2, 'libvirt is out of reach'],
  ])('with the problem %j and %d VMs is its status', (problem, vms, status) => {
    expect(living(problem, vms).life.status).toBe(status);
  });

  test('is that it is alive while it waits for libvirt, however long', async () => {
    const { life, clock } = living('waiting');
    await clock.advance(Milliseconds(3_600_000));
    expect(life.isAlive).toBe(true);
  });

  test('is that it is alive as long as rounds of sampling end', async () => {
    const { life, clock } = living();
    life.sampled();
    await clock.advance(Milliseconds(3 * 65_000 - 1));
    expect(life.isAlive).toBe(true);
    await clock.advance(Milliseconds(1));
    expect(life.isAlive).toBe(false);
    life.sampled();
    expect(life.isAlive).toBe(true);
  });
});
