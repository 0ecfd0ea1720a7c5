import { afterEach, beforeEach } from '@jest/globals';
import type { Hypervisor } from '../../../src/host/hypervisor.ts';
import { createLibvirtHost } from '../../../src/host/libvirt/libvirtHost.ts';
import { LibvirtError } from '../../../src/libvirt/index.ts';
import { FakeLibvirtd } from '../../support/fakeLibvirtd.ts';
import { VirtualClock } from '../../support/virtualClock.ts';

export const uuid = '6695eb01-f6a4-8304-79aa-97f2502e193f';
export const dom = { name: 'a', uuid, id: 1 };

/** Replies with a libvirt error of this code. */
export const failing =
  (code: number, message = `error ${code}`) =>
  (): never => {
    throw new LibvirtError(message, { code, domain: 10 });
  };

/** Opens a host on a fake daemon before each test. */
export function useHost() {
  const fixture = {} as {
    daemon: FakeLibvirtd;
    clock: VirtualClock;
    host: Hypervisor;
    warnings: [object, string][];
  };
  beforeEach(async () => {
    fixture.daemon = await FakeLibvirtd.start();
    fixture.clock = new VirtualClock();
    fixture.warnings = [];
    fixture.host = createLibvirtHost({
      uri: fixture.daemon.uri,
      clock: fixture.clock,
      log: { warn: (facts, message) => fixture.warnings.push([facts, message]) },
    });
    await fixture.host.open();
    fixture.daemon.calls.length = 0;
  });
  afterEach(async () => {
    await fixture.host.close();
    await fixture.daemon.remove();
  });
  return fixture;
}
