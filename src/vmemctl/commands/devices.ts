import type { Register } from '../command.ts';
import { chooseVm, show } from '../people.ts';
import { devicesTable } from '../views/devicesTable.ts';

/** `vmemctl devices VM`: its memory devices. */
export const registerDevices: Register = (program, run) => {
  program
    .command('devices')
    .helpGroup('See memory:')
    .summary("list a VM's memory devices and whether the guest uses them")
    .argument('<vm>', 'name, UUID or the beginning of either')
    .action(
      run(async (session, word: string) => {
        const { client, vm } = await chooseVm(session, word);
        const devices = await client.call('VM.getMemoryDevices', { vmID: vm.id });
        show(session, devices, (look) => devicesTable(devices, vm.memory_kib, look));
        return undefined;
      }),
    );
};
