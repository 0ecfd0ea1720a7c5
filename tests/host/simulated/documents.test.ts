import { beforeAll, describe } from '@jest/globals';
import { createSimulatedHost } from '../../../src/host/simulated/simulatedHost.ts';
import { testDocuments } from '../../support/documentTests.ts';
import { VirtualClock } from '../../support/virtualClock.ts';

describe.each([
  ['9.4', 9_004_000, 'all-devices'],
  ['9.5', 9_005_000, 'dimms'],
] as const)('the simulated host as libvirt %s', (_, libvirtVersion, rule) => {
  const host = createSimulatedHost({ clock: new VirtualClock(), libvirtVersion });
  beforeAll(() => host.open());
  testDocuments(() => host, rule);
});
