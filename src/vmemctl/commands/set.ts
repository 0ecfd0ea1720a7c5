import { Option } from 'commander';
import type { KiB } from '../../common/units.ts';
import type { Register } from '../command.ts';
import { CommandError, Exit, UsageError } from '../exit.ts';
import { chooseVm, type Chosen, show, tell } from '../people.ts';
import { chooseWay, type Way } from '../plan/chooseWay.ts';
import type { Session } from '../session.ts';
import { formatSize } from '../sizes/formatSize.ts';
import { setBalloon } from './balloon.ts';
import type { SetFlags, Wish } from './setWish.ts';
import { setGuarantee } from './guarantee.ts';
import { resizeByDevices } from './resizeByDevices.ts';
import { ceilMiB, readSize } from './sizeArgument.ts';

/** `vmemctl set VM --memory SIZE`: the way to it is chosen for the person. */
export const registerSet: Register = (program, run) => {
  program
    .command('set')
    .helpGroup('Change memory:')
    .summary('grow or shrink the memory of a VM, by devices or its balloon')
    .argument('<vm>', 'name, UUID or the beginning of either')
    .option('-m, --memory <size>', 'what the guest shall have, as 4G or 1536M')
    .option('-g, --guaranteed <size>', 'what ballooning always leaves, as 1G')
    .option('--wait', 'wait until the guest has followed, or has refused')
    .option('-n, --dry-run', 'say what would be done, and do nothing')
    .addOption(
      new Option('--by <way>', 'how, instead of the way that fits').choices(['devices', 'balloon']),
    )
    .option('-y, --yes', 'use the balloon without asking where no device can be unplugged')
    .action(
      run(async (session, word: string, flags: SetFlags) => {
        const { memory, guaranteed } = flags;
        if (memory === undefined && guaranteed !== undefined) {
          return setGuarantee(session, { word, text: guaranteed, what: '--guaranteed' });
        }
        if (memory === undefined) {
          throw new UsageError('Say what to set: --memory 4G, --guaranteed 1G or both.');
        }
        const size = readSize(memory, '--memory');
        if (size === 0) throw new UsageError('--memory: no guest runs without memory; write more.');
        const floor =
          guaranteed === undefined ? {} : { floor: readSize(guaranteed, '--guaranteed') };
        return setMemory(session, await chooseVm(session, word), { ...flags, ...floor, size });
      }),
    );
};

async function setMemory(session: Session, chosen: Chosen, wish: Wish): Promise<Exit> {
  checkCeiling(chosen, wish);
  const way = wayTo(chosen, wish);
  if (way.by !== 'balloon') return resizeByDevices(session, chosen, { wish, way });
  const { vm, name } = chosen;
  const verb = way.direction === 'grow' ? 'gives back' : 'takes';
  const difference = Math.abs((vm.target_kib ?? 0) - way.target) as KiB;
  const words = `${name}: ${formatSize(wish.size)} by the balloon, which ${verb} ${formatSize(difference)}`;
  if (wish.dryRun) {
    show(session, { by: 'balloon', target_kib: way.target }, () => [`${words} (nothing is done)`]);
    return Exit.done;
  }
  tell(session, words);
  await raiseGuarantee(chosen, wish);
  return setBalloon(session, chosen, { target: way.target, wait: wish.wait === true });
}

/** What is far above it the daemon takes for a wrong unit, which a size with its unit is not. */
function checkCeiling({ vm: { ceiling_kib: ceiling }, name }: Chosen, { size }: Wish): void {
  if (ceiling === undefined || size <= ceiling) return;
  throw new CommandError(
    `${name} can have ${formatSize(ceiling)} at most, as it was started; ask for that or less.`,
  );
}

/** Sets the guarantee first: a balloon's target is limited by it. */
async function raiseGuarantee({ client, vm }: Chosen, { floor }: Wish): Promise<void> {
  if (floor === undefined) return;
  await client.call('VM.setGuaranteedMemory', { vmID: vm.id, guaranteed: ceilMiB(floor) });
}

/** Returns the way that the person names, or the one that fits. */
function wayTo({ vm, name }: Chosen, { size, by }: Wish): Way {
  const { memory_kib: memory, maximum_kib: maximum = memory, target_kib: target = maximum } = vm;
  if (memory === undefined || maximum === undefined || target === undefined) {
    throw new CommandError(`${name} is ${vm.status}; its memory can be set while it runs.`);
  }
  const isBallooned = vm.ballooning_disabled_because === undefined && vm.target_kib !== undefined;
  const fitting = chooseWay(size, { memory, maximum, target, isBallooned });
  if (by === undefined) return fitting;
  const direction = size > memory ? 'grow' : 'shrink';
  if (by === 'devices') return { by, direction };
  if (size > memory) {
    throw new CommandError(
      `The balloon of ${name} gives at most ${formatSize(memory)}; leave out --by balloon to plug memory.`,
    );
  }
  const wanted = (size - (memory - maximum)) as KiB;
  return { by, direction: wanted < target ? 'shrink' : 'grow', target: wanted };
}
