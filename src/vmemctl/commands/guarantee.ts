import { toKiB } from '../../common/units.ts';
import type { Register } from '../command.ts';
import { chooseVm, show } from '../people.ts';
import { formatSize } from '../sizes/formatSize.ts';
import { ceilMiB, readSize } from './sizeArgument.ts';

/** `vmemctl guarantee VM SIZE`: what ballooning always leaves. */
export const registerGuarantee: Register = (program, run) => {
  program
    .command('guarantee')
    .helpGroup('Change memory:')
    .summary('set the memory that ballooning always leaves to a VM')
    .argument('<vm>', 'name, UUID or the beginning of either')
    .argument('<size>', 'the guarantee, as 1G or 512M; rounded up to whole MiB')
    .action(
      run(async (session, word: string, text: string) => {
        const guaranteed = ceilMiB(readSize(text, 'size'));
        const { client, vm, name } = await chooseVm(session, word);
        const answer = await client.call('VM.setGuaranteedMemory', { vmID: vm.id, guaranteed });
        const { guaranteed_mib: set, reason } = answer;
        const size = formatSize(toKiB(set));
        const why = reason === undefined ? '' : `: ${reason}`;
        show(session, answer, () => [`${name}: ${size} guaranteed${why}`]);
        return undefined;
      }),
    );
};
