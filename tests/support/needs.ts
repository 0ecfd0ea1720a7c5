import { spawnSync } from 'node:child_process';
import {
  accessSync,
  appendFileSync,
  constants,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmdirSync,
} from 'node:fs';
import { networkInterfaces } from 'node:os';
import { describe } from '@jest/globals';
import { CHROMIUM } from './chromium.ts';
import { hasNamespaces } from './namespaces.ts';

const env = (variable: string): string | undefined => process.env[variable];

/** An IPv4 address of this machine that is not loopback. */
export const ownAddress = (): string | undefined =>
  Object.values(networkInterfaces())
    .flatMap((addresses) => addresses ?? [])
    .find(({ family, internal }) => family === 'IPv4' && !internal)?.address;

const NETNS_TRIAL = `vmemd-trial-${String(process.pid)}`;

/** The folder of this machine's memory control groups, of either version, if groups can be made there. */
export const cgroupFolder = (): string | undefined =>
  ['/sys/fs/cgroup/memory', '/sys/fs/cgroup'].find((folder) => {
    const trial = `${folder}/${NETNS_TRIAL}`;
    try {
      mkdirSync(trial);
      const isForMemory = readdirSync(trial).some((name) => /^memory\.(max|limit)/.test(name));
      rmdirSync(trial);
      return isForMemory;
    } catch {
      return false;
    }
  });

/** Whether same-page merging rests, so that a test may use it. */
const ksmRests = (): boolean => {
  const run = '/sys/kernel/mm/ksm/run';
  return existsSync(run) && readFileSync(run, 'utf8').trim() === '0' && !isForbidden(run);
};

const isForbidden = (path: string): boolean => {
  try {
    accessSync(path, constants.W_OK);
    return false;
  } catch {
    return true;
  }
};

const prerequisites = {
  VMEMD_TEST_LIBVIRT: {
    met: () => Boolean(env('VMEMD_TEST_LIBVIRT')),
    is: 'VMEMD_TEST_LIBVIRT, the URI of a libvirt for tests (lab/libvirtd.sh start DIR makes one)',
  },
  VMEMD_TEST_GUEST: {
    met: () => Boolean(env('VMEMD_TEST_GUEST')),
    is: 'VMEMD_TEST_GUEST, the folder of a guest to boot (lab/guest.sh DIR makes one)',
  },
  address: {
    met: () => ownAddress() !== undefined,
    is: 'an IPv4 address besides loopback',
  },
  openssl: {
    met: () => spawnSync('openssl', ['version']).status === 0,
    is: 'the openssl command, to make certificates',
  },
  'systemd-notify': {
    met: () =>
      spawnSync('systemd-notify', ['--version']).status === 0 &&
      spawnSync('python3', ['--version']).status === 0,
    is: "systemd-notify, of Debian's package systemd, and python3",
  },
  'systemd-analyze': {
    met: () => spawnSync('systemd-analyze', ['--version']).status === 0,
    is: "systemd-analyze, of Debian's package systemd",
  },
  'dpkg-deb': {
    met: () => spawnSync('dpkg-deb', ['--version']).status === 0,
    is: 'dpkg-deb, of Debian',
  },
  lintian: {
    met: () => spawnSync('lintian', ['--version']).status === 0,
    is: "lintian, of Debian's package lintian",
  },
  chromium: {
    met: () => existsSync(CHROMIUM),
    is: `${CHROMIUM}, of Debian's package chromium`,
  },
  python3: {
    met: () => spawnSync('python3', ['--version']).status === 0,
    is: 'python3, to run a program on a terminal of its own',
  },
  promtool: {
    met: () => spawnSync('promtool', ['--version']).status === 0,
    is: "promtool, of Debian's package prometheus",
  },
  netns: {
    met: () =>
      process.getuid?.() === 0 &&
      spawnSync('ip', ['netns', 'add', NETNS_TRIAL]).status === 0 &&
      spawnSync('ip', ['netns', 'del', NETNS_TRIAL]).status === 0,
    is: 'root and ip netns, to be another machine',
  },
  namespaces: {
    met: hasNamespaces,
    is: 'unshare and ip, to run in namespaces (as root, or where users may have them)',
  },
  root: {
    met: () => process.getuid?.() === 0,
    is: 'root, to connect as another user',
  },
  cgroup: {
    met: () => cgroupFolder() !== undefined,
    is: 'root and control groups for memory, to set a limit',
  },
  qemu: {
    met: () => spawnSync('qemu-system-x86_64', ['--version']).status === 0,
    is: 'qemu-system-x86_64',
  },
  ksm: {
    met: ksmRests,
    is: 'root and a kernel whose same-page merging is at rest',
  },
  libvirtd: {
    met: () => process.getuid?.() === 0 && existsSync('/usr/sbin/libvirtd'),
    is: 'root and libvirtd, to run one that it can restart',
  },
} as const;

type Prerequisite = keyof typeof prerequisites;

/**
 * `describe` where these prerequisites are met; elsewhere the suite is skipped aloud: its name and what it lacks
 * go to stderr and, a line each, to the file named by VMEMD_TEST_SKIPPED_FILE.
 */
export const needs =
  (...wanted: readonly Prerequisite[]) =>
  (suite: string, body: () => void): void => {
    const missing = wanted.filter((one) => !prerequisites[one].met());
    if (missing.length === 0) {
      describe(suite, body);
      return;
    }
    tell(`${suite}: needs ${missing.map((one) => prerequisites[one].is).join(' and ')}`);
    describe.skip(suite, body);
  };

/** The value of a prerequisite's variable, of several values this worker's; empty where its suite is skipped. */
export const prerequisite = (variable: Extract<Prerequisite, `VMEMD_TEST_${string}`>): string => {
  const values = (env(variable) ?? '').split(' ');
  const worker = Number(env('JEST_WORKER_ID') ?? 1);
  return values[(worker - 1) % values.length] ?? '';
};

function tell(skipped: string): void {
  process.stderr.write(`skipped: ${skipped}\n`);
  const file = env('VMEMD_TEST_SKIPPED_FILE');
  if (file) appendFileSync(file, `${skipped}\n`);
}
