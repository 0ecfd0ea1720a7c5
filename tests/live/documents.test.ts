import { spawnSync } from 'node:child_process';
import { beforeAll } from '@jest/globals';
import { slotRuleOf } from '../../src/domain-xml/slots.ts';
import type { Hypervisor } from '../../src/host/hypervisor.ts';
import { createLibvirtHost } from '../../src/host/libvirt/libvirtHost.ts';
import { testDocuments } from '../support/documentTests.ts';
import { needs, prerequisite } from '../support/needs.ts';
import { atEnd } from './cleanup.ts';

/** Returns the version of libvirt's daemon by virsh, since tests are listed before a host can be connected. */
function daemonVersion(): number {
  const uri = prerequisite('VMEMD_TEST_LIBVIRT');
  const { stdout } = spawnSync('virsh', ['--connect', uri, 'version', '--daemon']);
  const [, major, minor, release] = /daemon: (\d+)\.(\d+)\.(\d+)/.exec(String(stdout)) ?? [];
  return Number(major) * 1_000_000 + Number(minor) * 1000 + Number(release);
}

needs('VMEMD_TEST_LIBVIRT')('real libvirt', () => {
  let host: Hypervisor;
  const later = atEnd();

  beforeAll(async () => {
    host = createLibvirtHost({ uri: prerequisite('VMEMD_TEST_LIBVIRT') });
    await host.open();
    later(() => host.close());
  });

  testDocuments(() => host, slotRuleOf(daemonVersion()));
});
