import { beforeAll, describe } from '@jest/globals';
import {
  createSimulatedHost,
  type SimulatedHost,
} from '../../../src/host/simulated/simulatedHost.ts';
import { testDocuments } from '../../support/documentTests.ts';
import { VirtualClock } from '../../support/virtualClock.ts';

describe('the simulated host', () => {
  const hosts: Record<string, SimulatedHost> = {
    'all-devices': createSimulatedHost({ clock: new VirtualClock(), libvirtVersion: 9_004_000 }),
    dimms: createSimulatedHost({ clock: new VirtualClock(), libvirtVersion: 9_005_000 }),
  };
  const hostOf = (rule: string): SimulatedHost => {
    const found = hosts[rule];
    if (!found) throw new Error(`there is no host for ${rule}`);
    return found;
  };

  beforeAll(async () => {
    await Promise.all(Object.values(hosts).map((host) => host.open()));
  });

  testDocuments(hostOf, ['all-devices', 'dimms']);
});
