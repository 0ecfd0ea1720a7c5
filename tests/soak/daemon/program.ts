import { KiB } from '../../../src/common/units.ts';
import { HypervisorError } from '../../../src/host/hypervisor.ts';
import { createSimulatedHost } from '../../../src/host/simulated/simulatedHost.ts';
import { program } from '../../../src/program.ts';
import { seeded } from '../../simulation/seeded.ts';
import { FaultyHost } from './faultyHost.ts';
import { measure } from './figures.ts';
import { GuestFaults } from './guestFaults.ts';
import type { Asked, DomainOnHost, HostState, Question, Reply } from './messages.ts';

/** vmemd on a simulated host with faults, which its parent process watches over a channel. */

const GIB = 1024 ** 2;
const seed = Number(process.env['SOAK_SEED']);

const host = createSimulatedHost({ seed, memory: KiB(192 * GIB) });
const faulty = new FaultyHost(host, seeded(seed));
const guests = new GuestFaults(host, seeded(seed + 1), faulty.counts);

async function domainOnHost(summary: {
  uuid: string;
  name: string;
  state: string;
}): Promise<DomainOnHost> {
  const { uuid, name, state } = summary;
  const [xml, nextRunXml] = await Promise.all([host.domainXml(uuid), host.nextRunXml(uuid)]);
  const isActive = state === 'running' || state === 'paused';
  const balloonTarget = isActive ? host.guest(uuid).balloonTarget() : undefined;
  return { uuid, name, state, xml, nextRunXml, balloonTarget };
}

async function stateOfHost(): Promise<HostState> {
  for (;;) {
    try {
      const domains = await Promise.all((await host.listDomains()).map(domainOnHost));
      return { hasLate: faulty.hasLate, domains };
    } catch (error) {
      // a domain has ended since they were listed
      if (!(error instanceof HypervisorError)) throw error;
    }
  }
}

const replies: { readonly [K in keyof Asked]: () => Asked[K] | Promise<Asked[K]> } = {
  figures: () => measure(faulty),
  state: stateOfHost,
  stir() {
    faulty.stir();
    guests.stir();
    return true;
  },
  async calm() {
    faulty.calm();
    while (!host.isConnected) await new Promise((resolve) => setTimeout(resolve, 50));
    await guests.calm();
    return true as const;
  },
  reconnect() {
    host.disconnect('the connection was cut');
    host.reconnect();
    return true;
  },
};

// the soak has ended, maybe killed
process.on('disconnect', () => {
  process.kill(process.pid, 'SIGKILL');
});

process.on('message', (question: Question) => {
  void Promise.resolve(replies[question.ask]()).then((reply) => {
    process.send?.({ id: question.id, reply } satisfies Reply);
  });
});

void program(() => Promise.resolve(faulty.hypervisor));
