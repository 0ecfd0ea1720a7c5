import { VdsmError } from '../../common/errors.ts';
import { omitUndefined } from '../../common/omitUndefined.ts';
import { floorMiB, MiB, toKiB } from '../../common/units.ts';
import { domainAtStart } from '../../domain-xml/align.ts';
import { withMemory, withMetadata } from '../../domain-xml/edit.ts';
import { guaranteeOf } from '../../domain-xml/metadata.ts';
import { type Domain, DomainXmlError } from '../../domain-xml/types.ts';
import { providedMemory } from '../../memory/virtioMem.ts';
import type { CallOptions } from '../../host/hypervisor.ts';
import { checkUnit, fits } from '../memory/checks.ts';
import { saveOrRetry } from '../memory/commit.ts';
import { sendNextRunXml } from '../memory/hypervisorCalls.ts';
import { toVdsmError } from '../toVdsmError.ts';
import type { Vm } from '../vm.ts';

/** Returns the memory of a VM's next run in the form of VM.getNextRun; throws NoSuchVM or UnexpectedError. */
export async function describeNextRun(vm: Vm) {
  const xml = await vm.hypervisor.nextRunXml(vm.id).catch(toVdsmError('UnexpectedError'));
  if (xml === undefined) return {};
  const next = domainAtStart(xml);
  const [guaranteed, max] = [guaranteeIn(next), next.maxMemory?.size];
  const isSame =
    providedMemory(next) === providedMemory(vm.domain) &&
    guaranteed === (vm.promised && floorMiB(vm.promised)) &&
    max === vm.domain.maxMemory?.size;
  return omitUndefined({
    ...sizesOf(next),
    max_memory_mib: max === undefined ? undefined : floorMiB(max),
    differs: !isSame,
  });
}

interface Size {
  readonly memory?: MiB | undefined;
  readonly guaranteed?: MiB | undefined;
}

/**
 * Sets the memory, the guarantee or both of a VM's next run; returns the sizes before and after. Throws InvalidParameter for a size that its devices or the
 * guarantee do not allow, UnsupportedOperation for a transient domain, or UnexpectedError.
 */
export function configureNextRun(vm: Vm, size: Size) {
  if (size.memory === undefined && size.guaranteed === undefined) {
    throw new VdsmError('InvalidParameter', 'nothing is to be changed; give memory or guaranteed');
  }
  if (size.memory !== undefined) checkUnit(vm, size.memory);
  return vm.queue
    .run(async (options) => {
      const xml = await vm.nextRun.read(options);
      if (xml === undefined) {
        const reason = 'the domain is transient, so it has no next run; change this run instead';
        throw new VdsmError('UnsupportedOperation', reason);
      }
      const changed = resized(xml, size);
      if (changed !== xml) await sendNextRunXml(vm, changed, options);
      if (size.guaranteed !== undefined) await keepGuarantee(vm, options);
      return { before: sizesOf(domainAtStart(xml)), after: sizesOf(domainAtStart(changed)) };
    })
    .catch(toVdsmError('UnexpectedError'));
}

/** Has no earlier request that is still being repeated set another guarantee of the next run. */
async function keepGuarantee(vm: Vm, options: CallOptions): Promise<void> {
  vm.operations.keepNextGuarantee('next-run', 'guarantee');
  if (vm.isAlive && vm.operations.isUnsaved) await saveOrRetry(vm, options);
}

/** The configuration with that size; the same text if it has it already. */
function resized(xml: string, { memory, guaranteed }: Size): string {
  const grown = memory === undefined ? xml : withSize(xml, memory);
  const next = domainAtStart(grown);
  const floor = guaranteed ?? guaranteeIn(next) ?? 0;
  const provided = floorMiB(providedMemory(next));
  if (!fits(MiB(floor), provided)) {
    const advice =
      guaranteed === undefined ? '; give guaranteed too, of that size or less' : '; give less';
    throw new VdsmError(
      'InvalidParameter',
      `${String(floor)} MiB cannot be guaranteed to a VM of ${String(provided)} MiB${advice}`,
    );
  }
  const fitting = guaranteed && MiB(Math.min(guaranteed, provided));
  return fitting === undefined || fitting === guaranteeIn(next) ?
      grown
    : withMetadata(grown, { memGuaranteedSize: fitting });
}

function withSize(xml: string, memory: MiB): string {
  if (floorMiB(providedMemory(domainAtStart(xml))) === memory) return xml;
  try {
    return withMemory(xml, toKiB(memory));
  } catch (cause) {
    if (!(cause instanceof DomainXmlError)) throw cause;
    throw new VdsmError('InvalidParameter', cause.message, { cause });
  }
}

const sizesOf = (domain: Domain) => ({
  memory_mib: floorMiB(providedMemory(domain)),
  ...omitUndefined({ guaranteed_mib: guaranteeIn(domain) }),
});

/** The guarantee of that configuration; undefined if it has none. */
const guaranteeIn = ({ metadata, minGuarantee }: Domain): MiB | undefined =>
  guaranteeOf(metadata) ?? (minGuarantee ? floorMiB(minGuarantee) : undefined);
