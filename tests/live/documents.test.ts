import { beforeAll } from '@jest/globals';
import type { Hypervisor } from '../../src/host/hypervisor.ts';
import { createLibvirtHost } from '../../src/host/libvirt/libvirtHost.ts';
import { testDocuments } from '../support/documentTests.ts';
import { needs, prerequisite } from '../support/needs.ts';
import { atEnd } from './cleanup.ts';

needs('VMEMD_TEST_LIBVIRT')('real libvirt', () => {
  let host: Hypervisor;
  const later = atEnd();

  beforeAll(async () => {
    host = createLibvirtHost({ uri: prerequisite('VMEMD_TEST_LIBVIRT') });
    await host.open();
    later(() => host.close());
  });

  // Which of the two rules applies is known once it is connected.
  testDocuments(() => host, ['all-devices', 'dimms']);
});
