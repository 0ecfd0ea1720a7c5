import { toKiB } from '../../common/units.ts';
import type { Register } from '../command.ts';
import { Exit } from '../exit.ts';
import { chooseVm, show } from '../people.ts';
import type { Session } from '../session.ts';
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
      run(async (session, word: string, text: string) =>
        setGuarantee(session, { word, text, what: 'size' }),
      ),
    );
};

interface GuaranteeWish {
  readonly word: string;
  readonly text: string;
  /** The argument or option that has the size. */
  readonly what: string;
}

/** Sets the guarantee of a VM that a person named, and prints which VM it is. */
export async function setGuarantee(
  session: Session,
  { word, text, what }: GuaranteeWish,
): Promise<Exit> {
  const guaranteed = ceilMiB(readSize(text, what));
  const { client, vm, name } = await chooseVm(session, word);
  const answer = await client.call('VM.setGuaranteedMemory', { vmID: vm.id, guaranteed });
  const { guaranteed_mib: set, reason } = answer;
  const why = reason === undefined ? '' : `: ${reason}`;
  show(session, answer, () => [`${name}: ${formatSize(toKiB(set))} guaranteed${why}`]);
  return Exit.done;
}
