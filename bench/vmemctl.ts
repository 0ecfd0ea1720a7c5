import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { build, root } from './build.ts';
import { withDaemon } from './daemon.ts';
import { withLibvirtd } from './libvirtd.ts';
import { compared, paired, row, type Row } from './row.ts';

const run = promisify(execFile);
const program = join(root, 'dist/vmemctl/main.cjs');
const VMS = 10;

interface Command {
  readonly name: string;
  readonly words: readonly [string, ...string[]];
  readonly note?: string;
  /** Stands beside ours, as `node alone` does. */
  readonly isPeer?: boolean;
}

/**
 * How long a command takes from its start to its end, in turns with others, so that they meet the same machine. The
 * daemon is on a simulated host with ten VMs, virsh's libvirtd has none.
 */
export async function benchVmemctl({
  quick,
}: {
  readonly quick: boolean;
}): Promise<readonly Row[]> {
  await build();
  return withDaemon(async ({ url }) => {
    const vmemctl = (...words: readonly string[]) =>
      [process.execPath, program, '--host', url, ...words] as const;
    for (let i = 0; i < VMS; i++) {
      const [node, ...words] = vmemctl('create', `vm${String(i)}`, '--memory', '1G');
      await run(node, words);
    }
    const commands: readonly Command[] = [
      { name: 'node alone', words: [process.execPath, '-e', '0'], isPeer: true },
      { name: 'vmemctl --version', words: vmemctl('--version') },
      { name: 'vmemctl call Host.ping2', words: vmemctl('call', 'Host.ping2') },
      { name: 'vmemctl list', words: vmemctl('list'), note: `${String(VMS)} VMs` },
    ];
    const rounds = quick ? 5 : 30;
    return withVirsh((virsh) => measure([...commands, ...virsh], rounds));
  });
}

/** Adds virsh, if this machine has it and a libvirtd that this user may start. */
async function withVirsh<T>(work: (commands: readonly Command[]) => Promise<T>): Promise<T> {
  const unavailable = new Error('no libvirtd');
  try {
    return await withLibvirtd(async (socket) => {
      const words = ['virsh', '-c', `qemu:///system?socket=${socket}`, 'list'] as const;
      await run(words[0], words.slice(1)).catch(() => {
        throw unavailable;
      });
      return work([{ name: 'virsh list', words, isPeer: true }]);
    });
  } catch (error) {
    if (error !== unavailable && process.getuid?.() === 0) throw error;
    return work([]);
  }
}

async function measure(commands: readonly Command[], rounds: number): Promise<readonly Row[]> {
  const times = commands.map((): number[] => []);
  for (let round = 0; round < rounds; round++) {
    for (const [
      index,
      {
        words: [file, ...args],
      },
    ] of commands.entries()) {
      const start = performance.now();
      await run(file, args);
      times[index]?.push(performance.now() - start);
    }
  }
  const [node = []] = times;
  return commands.map(({ name, note, isPeer }, index) => {
    const own = times[index] ?? [];
    if (isPeer) return row(name, 'ms', own);
    const line = compared(name, 'ms', paired(own, node), 'node alone');
    return note === undefined ? line : { ...line, note };
  });
}
