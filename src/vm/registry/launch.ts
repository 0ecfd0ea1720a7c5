import { pause } from '../../common/clock.ts';
import { messageOf } from '../../common/messageOf.ts';
import { Milliseconds } from '../../common/units.ts';
import type { NewRun } from '../../host/hypervisor.ts';
import { causeOf, saysGone } from '../logFailure.ts';
import { saveOrRetry } from '../memory/commit.ts';
import type { Vm } from '../vm.ts';

/** Fulfils when the domain is defined, or when that has failed; the VM is started in the background. */
export function launch(vm: Vm, paused: boolean): Promise<void> {
  return new Promise((onDefined) => {
    start(vm, { paused, onDefined }).catch(async (error: unknown) => {
      onDefined();
      // The event that it is Down must follow the response to the request.
      await pause(vm.clock, Milliseconds(0));
      // It runs if only what follows its start has failed.
      if (!vm.isLaunching) return;
      const reason = messageOf(error);
      vm.log.warn({ vmId: vm.id, reason }, 'the VM could not be started');
      vm.failedToLaunch(reason);
    });
  });
}

function start(vm: Vm, how: NewRun): Promise<void> {
  const { hypervisor, log } = vm;
  return vm.queue.run(async (options) => {
    const { state } = await hypervisor.createDomain(vm.xml, how, options);
    await vm.read(options).catch((error: unknown) => {
      log[saysGone(error) ? 'debug' : 'warn'](
        { vmId: vm.id, ...causeOf(error) },
        'the new VM could not be read',
      );
    });
    vm.launched(state === 'paused');
    await saveOrRetry(vm, options);
  });
}
