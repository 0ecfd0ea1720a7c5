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
import { canonicalUuid } from '../../common/uuid.ts';
import {
  HypervisorError,
  type CallOptions,
  type DomainSummary,
  type NewRun,
} from '../hypervisor.ts';
import { definable, isQemuConnection } from './definable.ts';
import { domainStateOf } from './states.ts';
import { undefine } from './undefine.ts';

/** Time limit for cleaning up after a failed start; the caller's own limit may already have passed. */
const CLEAN_UP_TIMEOUT = Milliseconds(30_000);

interface Wanted extends NewRun {
  readonly xml: string;
}

/** Throws `exists` for a known UUID, as defining it would change the existing domain. */
async function refuseExisting(client: Client, xml: string, options: CallOptions): Promise<void> {
  const uuid = canonicalUuid(textAt(readDomain(xml), 'uuid') ?? '');
  if (uuid === undefined) return;
  const known = await client.control.domainLookupByUUID(uuid, options).catch((error: unknown) => {
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
  options: CallOptions,
): Promise<void> {
  if (how.isQemu) {
    await domain.createWithFlags(how.paused ? createFlag.paused : 0, options);
    return;
  }
  await domain.createWithFlags(0, options);
  if (how.paused) await domain.suspend(options);
}

/**
 * Destroys and undefines a domain that failed to start. A start that timed out may still succeed: undefining alone
 * would then leave a running transient domain.
 */
async function cleanUp(client: Client, uuid: string): Promise<void> {
  const options = { timeout: CLEAN_UP_TIMEOUT };
  // An error here would hide the error of the start.
  await client.control
    .domain(uuid)
    .destroyFlags(0, options)
    .catch(() => undefined);
  await undefine(client, uuid, options).catch(() => undefined);
}

/** Defines a domain and starts it. Throws LibvirtError, or HypervisorError if its UUID is taken. */
export async function createDomain(
  client: Client,
  { xml, paused, onDefined }: Wanted,
  options: CallOptions,
): Promise<DomainSummary> {
  const isQemu = await isQemuConnection(client, options);
  await refuseExisting(client, xml, options);
  const { uuid, name } = await client.control.domainDefineXMLFlags(
    definable(xml, isQemu),
    0,
    options,
  );
  onDefined?.();
  const domain = client.control.domain(uuid);
  try {
    await start(domain, { isQemu, paused }, options);
    const { state, reason } = await domain.getState(options);
    return { uuid, name, state: domainStateOf(state), reason };
  } catch (error) {
    await cleanUp(client, uuid);
    throw error;
  }
}
