import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { EngineWatch } from './engine.ts';
import { FleetCertificates } from './certificates.ts';
import { FleetHost } from './host.ts';
import { addressOf, openNetwork } from './network.ts';
import { Prometheus } from './prometheus.ts';

/** Hosts are started by twos, as many starts at once take long on a small machine. */
const AT_ONCE = 2;
const POLL_MS = 15_000;

/** Simulated hosts, and what watches them: a Prometheus and an engine for each. */
export interface Fleet {
  readonly hosts: readonly FleetHost[];
  readonly engines: readonly EngineWatch[];
  readonly prometheus: Prometheus;
  /** Folder of an administrator's certificate. */
  readonly pki: string;
  readonly folder: string;
  close(): Promise<void>;
}

/** Starts it all. `interval`: seconds between two scrapes. */
export async function openFleet(count: number, interval: number): Promise<Fleet> {
  const folder = mkdtempSync(join(tmpdir(), 'vmemd-fleet-'));
  const certificates = new FleetCertificates();
  const pki = certificates.client('admin');
  openNetwork();
  const hosts = Array.from({ length: count }, (_, index) => {
    const name = `host${String(index + 1).padStart(2, '0')}`;
    const address = addressOf(index);
    const cluster = index < count / 2 ? 'east' : 'west';
    const own = certificates.host(name, address);
    return new FleetHost({ name, address, cluster, pki: own, clientPki: pki, folder });
  });
  for (let first = 0; first < count; first += AT_ONCE) {
    await Promise.all(hosts.slice(first, first + AT_ONCE).map((host) => host.start()));
  }
  const prometheus = new Prometheus(folder, certificates.client('prometheus'), hosts, interval);
  const enginePki = certificates.client('engine');
  const engines = hosts.map((host) => new EngineWatch(host, enginePki));
  engines.forEach((engine, index) => void engine.run((index * POLL_MS) / count));
  return {
    hosts,
    engines,
    prometheus,
    pki,
    folder,
    async close() {
      for (const engine of engines) engine.stop();
      await prometheus.stop();
      await Promise.all(hosts.map((host) => host.client.close()));
      await Promise.all(hosts.map((host) => host.kill()));
      certificates.remove();
    },
  };
}
