import './lib/node.mjs';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { fetchCompose, runCompose } from './lib/container/compose.mjs';
import { configureEngine, STATE } from './lib/container/engine.mjs';
import { buildImages } from './lib/container/images.mjs';
import { installMissing, missing, packagesOf } from './lib/packages.mjs';
import { root, show } from './lib/run.mjs';

const USAGE = `Usage: npm run test:container

Builds the images of docker/ with buildah, runs docker/compose.yaml with Compose on podman, and looks at what runs as a
user does: health, guests, page, metrics, alerts, users, ports, signals. Needs no Docker, but root on Debian 12, where it
installs what is missing; what runs has a network of its own. Takes four minutes the first time, one later.

Grafana does not run, as Debian has no package of it: tests/docker looks at its files.`;

const PROGRAMS = ['buildah', 'podman', 'crun', 'mmdebstrap', 'prometheus', 'iptables', 'ip'];
/** What podman makes networks with, which is on no PATH. */
const NETWORKS = '/usr/lib/podman/netavark';

/** crun refuses control groups of both versions at once: of the second none is used. */
const PRIVATE = `! mountpoint -q /sys/fs/cgroup/unified || umount /sys/fs/cgroup/unified
mkdir -p ${STATE}
mount -t tmpfs tmpfs ${STATE}
ip link set lo up
"$@"`;

async function run() {
  const absent = packagesOf(missing(PROGRAMS));
  if (!existsSync(NETWORKS)) absent.push('netavark', 'aardvark-dns');
  if (absent.length > 0) await installMissing(absent);
  const folder = join(root, '.cache/container');
  Object.assign(process.env, configureEngine(folder));
  const program = await fetchCompose(folder);
  const { services } = JSON.parse(await runCompose(program)('config', '--format', 'json'));
  console.log('ok     Compose accepts compose.yaml');
  await buildImages(folder, services.prometheus.image);
  console.error('NOT RUN: Grafana, as Debian has no package of it.');
  return show('unshare', [
    ...['--mount', '--net', '--pid', '--fork', '--kill-child', '--mount-proc'],
    ...['sh', '-c', PRIVATE, 'sh'],
    ...[process.execPath, 'scripts/lib/container/stack.mjs', program],
  ]);
}

if (process.argv.includes('--help')) {
  console.log(USAGE);
} else if (process.getuid() === 0) {
  process.exitCode = await run();
} else {
  console.error('failed: npm run test:container needs root, to make namespaces.');
  process.exitCode = 1;
}
