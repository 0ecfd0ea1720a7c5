import { OVIRT_TUNE } from '../../domain-xml/metadata.ts';
import { cpuLimitsInForce, editedQos } from '../../domain-xml/tuning.ts';
import { VdsmError } from '../../common/errors.ts';
import type { CpuLimits } from '../../host/hypervisor.ts';
import type { Typed } from '../../common/typed.ts';
import type schema from '../../../schema/verbs/VM.updateVmPolicy.ts';
import { MOM_PATIENCE } from './setBalloon.ts';
import { observe } from '../memory/commit.ts';
import { toVdsmError } from '../toVdsmError.ts';
import type { Vm } from '../vm.ts';

/**
 * Sets the CPU limits of a running VM; throws CpuTuneError with the hypervisor's message. Limits that hold already are
 * not set: a host without the CPU controller of cgroups refuses even to set none.
 */
export async function setCpuTune(vm: Vm, limits: CpuLimits): Promise<void> {
  vm.requireAnswering('CpuTuneError');
  await vm.queue
    .run(async (options) => {
      if (hold(vm, limits)) {
        await observe(vm, options);
        if (hold(vm, limits)) return;
      }
      vm.outdate();
      await vm.hypervisor.setCpuTune(vm.id, limits, options);
      await observe(vm, options);
    }, MOM_PATIENCE)
    .catch(toVdsmError('CpuTuneError'));
}

function hold(vm: Vm, limits: CpuLimits): boolean {
  const { quota, period } = cpuLimitsInForce(vm.domain);
  return (limits.quota ?? quota) === quota && (limits.period ?? period) === period;
}

/**
 * Stores the CPU limit of the engine's policy, in percent, which MoM applies. Throws GeneralException without vmId
 * (VDSM's code), MissingParameter if nothing is to be set, UnsupportedOperation for I/O limits, UpdateVmPolicyError also
 * if the VM does not run.
 */
export async function updatePolicy(
  vm: Vm,
  { vmId, vcpuLimit, ioTune }: Typed<typeof schema.params.properties.params>,
): Promise<void> {
  if (vmId === undefined) throw new VdsmError('GeneralException', 'params.vmId is required');
  if (ioTune?.length) {
    throw new VdsmError('UnsupportedOperation', 'vmemd keeps no I/O limits; leave ioTune out');
  }
  if (vcpuLimit === undefined) {
    if (ioTune !== undefined) return;
    throw new VdsmError('MissingParameter', 'give params.vcpuLimit, in percent');
  }
  vm.requireAlive('UpdateVmPolicyError');
  const { prefix, uri } = OVIRT_TUNE;
  await vm.queue
    .run(async (options) => {
      const domainXml = await vm.hypervisor.domainXml(vm.id, options);
      const xml = editedQos(domainXml, vcpuLimit ?? undefined);
      vm.outdate();
      await vm.hypervisor.setMetadata(vm.id, { prefix, uri, xml }, options);
      await observe(vm, options);
    })
    .catch(toVdsmError('UpdateVmPolicyError'));
}
