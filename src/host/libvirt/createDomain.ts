import { textAt } from '../../domain-xml/element.ts';
import { readDomain } from '../../domain-xml/parse.ts';
import {
  createFlag,
  errorCode,
  LibvirtError,
  type Client,
  type Domain,
} from '../../libvirt/index.ts';
import { Milliseconds } from '../../common/units.ts';
import { HypervisorError, type CallOptions, type DomainSummary } from '../hypervisor.ts';
import { definable, speaksToQemu } from './definable.ts';
import { domainStateOf } from './states.ts';
import { undefine } from './undefine.ts';

/** How long the clearing away after a failed start may take; the caller's own patience may be at its end. */
const CLEARING = Milliseconds(30_000);

interface Wanted {
  readonly xml: string;
  readonly paused: boolean;
}

/** Defining a UUID that is there would change the domain behind it. */
async function refuseExisting(client: Client, xml: string, bound: CallOptions): Promise<void> {
  const uuid = textAt(readDomain(xml), 'uuid');
  if (uuid === undefined) return;
  const known = await client.control.lookupByUuid(uuid, bound).catch((error: unknown) => {
    if (error instanceof LibvirtError && error.code === errorCode.noDomain) return undefined;
    throw error;
  });
  if (known) {
    throw new HypervisorError('exists', `domain '${known.name}' already exists with uuid ${uuid}`);
  }
}

async function start(
  domain: Domain,
  how: { readonly isQemu: boolean; readonly paused: boolean },
  bound: CallOptions,
): Promise<void> {
  if (how.isQemu) {
    await domain.create(how.paused ? createFlag.paused : 0, bound);
    return;
  }
  await domain.create(0, bound);
  if (how.paused) await domain.suspend(bound);
}

/** A start that was given up may still come to pass: without the destroy it would leave a transient domain. */
async function clearAway(client: Client, uuid: string): Promise<void> {
  const bound = { timeout: CLEARING };
  await client.control
    .domain(uuid)
    .destroy(0, bound)
    .catch(() => undefined);
  await undefine(client, uuid, bound).catch(() => undefined);
}

/** Defines a domain and starts it; throws LibvirtError, or HypervisorError where its UUID is taken. */
export async function createDomain(
  client: Client,
  { xml, paused }: Wanted,
  bound: CallOptions,
): Promise<DomainSummary> {
  const isQemu = await speaksToQemu(client, bound);
  await refuseExisting(client, xml, bound);
  const { uuid, name } = await client.control.defineXml(definable(xml, isQemu), 0, bound);
  const domain = client.control.domain(uuid);
  try {
    await start(domain, { isQemu, paused }, bound);
    const { state, reason } = await domain.getState(bound);
    return { uuid, name, state: domainStateOf(state), reason };
  } catch (error) {
    await clearAway(client, uuid);
    throw error;
  }
}
