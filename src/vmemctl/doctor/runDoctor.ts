import { ClientError } from '../../client/index.ts';
import { type Check, fail } from './check.ts';
import { checkDaemon } from './daemon.ts';
import { momRuns } from './kernel.ts';
import { checkMachine } from './machine.ts';
import { Exit } from '../exit.ts';
import { failureOf } from '../failure.ts';
import { lookOfData } from '../people.ts';
import type { Host, Session } from '../session.ts';
import { vdsmJson } from '../vdsmJson.ts';
import { checkLines } from './checkLines.ts';

interface Examined {
  readonly host: string;
  readonly isReachable: boolean;
  readonly hasHypervisor: boolean;
  readonly checks: readonly Check[];
}

/** Examines this machine and its daemon, or the daemons of other hosts; prints the findings and returns the exit status. */
export async function runDoctor(session: Session): Promise<Exit> {
  const isHere = session.options.host.length === 0 && session.hosts.length === 1;
  const root = session.world.root ?? '/';
  const examined = await Promise.all(
    session.hosts.map((host) => examine(host, isHere ? { momRuns: momRuns(root) } : {})),
  );
  const hasHypervisor = examined.every((each) => each.hasHypervisor);
  const machine = isHere ? await checkMachine({ root, hasHypervisor }) : [];
  report(session, examined, machine);
  return statusOf(examined, machine);
}

/** Asks a daemon; an unreachable one is a finding. */
async function examine({ client, name }: Host, beside: { momRuns?: boolean }): Promise<Examined> {
  try {
    const [overview, explanation] = await Promise.all([
      client.call('Host.getOverview'),
      client.call('Host.explainPolicy').catch(() => undefined),
    ]);
    const why = explanation?.policy.not_acting_because;
    const notActing = why === undefined ? {} : { notActing: why };
    const checks = checkDaemon({ overview, now: Date.now(), ...notActing, ...beside });
    const { name: own = name, link_problem: problem } = overview.host;
    return { host: own, isReachable: true, hasHypervisor: problem === undefined, checks };
  } catch (error) {
    if (!(error instanceof ClientError)) throw error;
    const { sentence = 'it does not answer', exit } = failureOf(error);
    const text = sentence.replace(/\.$/, '');
    return {
      host: name,
      isReachable: exit !== Exit.unreachable,
      hasHypervisor: false,
      checks: [fail('vmemd', text)],
    };
  }
}

function report(session: Session, examined: readonly Examined[], machine: readonly Check[]): void {
  if (session.options.json) {
    const hosts = examined.map(({ host, checks }) => ({ host, checks: [...machine, ...checks] }));
    session.print(vdsmJson(hosts));
    return;
  }
  const look = lookOfData(session);
  for (const [index, { host, checks }] of examined.entries()) {
    if (index > 0) session.print('');
    for (const line of checkLines(host, [...checks, ...machine], look)) session.print(line);
  }
}

function statusOf(examined: readonly Examined[], machine: readonly Check[]): Exit {
  const away = examined.filter(({ isReachable }) => !isReachable).length;
  if (away === examined.length) return Exit.unreachable;
  if (away > 0) return Exit.inPart;
  const all = [...machine, ...examined.flatMap(({ checks }) => checks)];
  return all.some(({ state }) => state === 'fail') ? Exit.failed : Exit.done;
}
