import { spawnSync } from 'node:child_process';

/** The options of unshare for a process with a network, mounts and processes of its own; those end when it does. */
export const NAMESPACES: readonly string[] = [
  ...(process.getuid?.() === 0 ? [] : ['--map-root-user']),
  ...['--net', '--mount', '--propagation', 'private'],
  ...['--pid', '--fork', '--mount-proc', '--kill-child'],
];

const TRIAL = 'PATH=$PATH:/usr/sbin:/sbin; ip link set lo up';

/** Whether processes in such namespaces reach each other over loopback. */
export const hasNamespaces = (): boolean =>
  spawnSync('unshare', [...NAMESPACES, 'sh', '-c', TRIAL]).status === 0;
