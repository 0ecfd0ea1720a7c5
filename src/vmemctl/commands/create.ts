import { randomUUID } from 'node:crypto';
import { type Command, InvalidArgumentError, Option } from 'commander';
import type { Client, Params } from '../../client/index.ts';
import { omitUndefined } from '../../common/omitUndefined.ts';
import { quoted } from '../../common/quote.ts';
import { canonicalUuid } from '../../common/uuid.ts';
import type { Register } from '../command.ts';
import { CommandError, Exit, UsageError } from '../exit.ts';
import { pollVm } from '../follow/pollVm.ts';
import { show } from '../people.ts';
import type { Session } from '../session.ts';
import { formatSize } from '../sizes/formatSize.ts';
import { toKiB } from '../../common/units.ts';
import { ceilMiB, readSize } from './sizeArgument.ts';

type VmParameters = Params<'VM.create'>['vmParams'];
type Disk = NonNullable<VmParameters['disks']>[number];

interface Flags {
  readonly memory: string;
  readonly max?: string;
  readonly guaranteed?: string;
  readonly slots?: number;
  readonly vcpus?: number;
  readonly kernel?: string;
  readonly initrd?: string;
  readonly args?: string;
  readonly disk?: readonly Disk[];
  readonly cdrom?: readonly Disk[];
  readonly uuid?: string;
  readonly type?: 'kvm' | 'qemu';
  readonly machine?: string;
  readonly balloon: boolean;
  readonly paused?: boolean;
  readonly wait?: boolean;
}

/** `vmemctl create NAME`: a VM from VM.create's parameters. */
export const registerCreate: Register = (program, run) => {
  withOptions(
    program
      .command('create')
      .helpGroup('VMs:')
      .summary('create and start a VM')
      .argument('<name>', 'its name'),
  ).action(
    run(async (session, name: string, flags: Flags) => {
      const vmParams = parametersOf(name, flags);
      const vmID = uuidOf(flags.uuid);
      await refuseTwin(session.client, name);
      const answer = await session.client.call('VM.create', { vmID, vmParams });
      const sizes = sizesText(vmParams);
      show(session, answer, () => [`${name}: created with ${sizes} (${vmID})`]);
      if (flags.wait) return untilUp(session, vmID, name);
      if (!session.options.json) session.note(`See how it starts: vmemctl show ${quoted(name)}`);
      return undefined;
    }),
  );
};

const withOptions = (command: Command): Command =>
  command
    .requiredOption('-m, --memory <size>', 'its boot memory, which stays plugged: 1G, 512M')
    .option('--max <size>', 'what memory devices may bring it to')
    .option('-g, --guaranteed <size>', 'what ballooning always leaves')
    .option('--slots <count>', 'memory devices that it may have (16)', readCount)
    .option('--vcpus <count>', 'virtual CPUs (1)', readCount)
    .option('--kernel <file>', 'kernel to boot')
    .option('--initrd <file>', 'initial ramdisk of that kernel')
    .option('--args <text>', 'command line of that kernel')
    .option('--disk <file>', 'disk image, a qcow2 by its name or raw; may be repeated', addDisk)
    .option('--cdrom <file>', 'CD image; may be repeated', addCdrom)
    .option('--uuid <uuid>', 'its UUID (a new one)')
    .addOption(
      new Option('--type <type>', 'how it is run (kvm if the host has it)').choices([
        'kvm',
        'qemu',
      ]),
    )
    .option('--machine <type>', 'machine type, as q35')
    .option('--no-balloon', 'without ballooning')
    .option('--paused', 'start it paused')
    .option('--wait', 'wait until the guest is up');

/** Returns the parameters of VM.create; throws {@link UsageError} for options that do not go together. */
function parametersOf(name: string, flags: Flags): VmParameters {
  const { max, slots, kernel, initrd, args, disk = [], cdrom = [] } = flags;
  if (kernel === undefined && (initrd !== undefined || args !== undefined)) {
    throw new UsageError('--initrd and --args belong to a kernel: give --kernel too.');
  }
  if (max === undefined && slots !== undefined) {
    throw new UsageError('--slots belong to --max: say what memory devices may bring the VM to.');
  }
  const disks = [...disk, ...cdrom];
  return omitUndefined({
    vmName: name,
    ...sizesOf(flags),
    smp: flags.vcpus,
    kernel,
    initrd,
    kernelArgs: args,
    disks: disks.length > 0 ? disks : undefined,
    vmType: flags.type,
    emulatedMachine: flags.machine,
    ballooningEnabled: flags.balloon ? undefined : false,
    launchPaused: flags.paused,
  });
}

function sizesOf({ memory, max, guaranteed, slots = SLOTS }: Flags) {
  const size = (text: string | undefined, option: string) =>
    text === undefined ? undefined : ceilMiB(readSize(text, option));
  return {
    memSize: size(memory, '--memory'),
    maxMemSize: size(max, '--max'),
    maxMemSlots: max === undefined ? undefined : slots,
    memGuaranteedSize: size(guaranteed, '--guaranteed'),
  };
}

const SLOTS = 16;
const MOST = 4096;

function readCount(text: string): number {
  const count = Number(text);
  if (/^\d+$/.test(text) && count >= 1 && count <= MOST) return count;
  throw new InvalidArgumentError(`Write a number from 1 to ${String(MOST)}.`);
}

const addDisk = (path: string, before: readonly Disk[] = []): readonly Disk[] => [
  ...before,
  { path, format: path.endsWith('.qcow2') ? 'qcow2' : 'raw' },
];

const addCdrom = (path: string, before: readonly Disk[] = []): readonly Disk[] => [
  ...before,
  { path, device: 'cdrom', readonly: true },
];

function uuidOf(text: string | undefined): string {
  if (text === undefined) return randomUUID();
  const uuid = canonicalUuid(text);
  if (uuid !== undefined) return uuid;
  throw new UsageError(`--uuid: "${text}" is no UUID; leave it out for a new one.`);
}

/** People could not distinguish a second VM of the same name from the first. */
async function refuseTwin(client: Client, name: string): Promise<void> {
  const { vms } = await client.call('Host.getOverview');
  const twin = vms.find((vm) => vm.name === name && vm.status !== 'Down');
  if (twin)
    throw new CommandError(`There is a VM ${name} already (${twin.id}); choose another name.`);
}

function sizesText({ memSize, maxMemSize, memGuaranteedSize }: VmParameters): string {
  const size = (value: typeof memSize): string =>
    value === undefined ? '' : formatSize(toKiB(value));
  return [
    size(memSize),
    ...(memGuaranteedSize === undefined ? [] : [`${size(memGuaranteedSize)} guaranteed`]),
    ...(maxMemSize === undefined ? [] : [`room for ${size(maxMemSize)}`]),
  ].join(', ');
}

const ENDED = new Set(['Up', 'Down', 'Paused']);

/** Waits until a VM is up, or will not be; returns the exit status. */
async function untilUp(session: Session, vmId: string, name: string): Promise<Exit> {
  const { client } = session;
  const { last, because } = await pollVm({
    client,
    vmId,
    read: () => client.call('VM.getStats', { vmID: vmId }),
    isDone: ([stats]) => stats === undefined || ENDED.has(stats.status),
    onValue: () => undefined,
    signal: session.world.interruption(),
  });
  const { status = 'gone', exitMessage } = last[0] ?? {};
  const why = exitMessage === undefined ? '' : `: ${exitMessage}`;
  if (!session.options.json) session.note(`${name}: ${status}${why}`);
  if (because === 'interrupted') return Exit.inPart;
  return status === 'Up' || status === 'Paused' ? Exit.done : Exit.failed;
}
