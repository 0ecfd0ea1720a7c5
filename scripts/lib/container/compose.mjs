import { spawn } from 'node:child_process';
import { copyFileSync, existsSync, mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { announce } from '../run.mjs';
import { output } from './engine.mjs';

/** Runs Compose's program with words for our file; throws if it fails. */
export const runCompose =
  (program) =>
  (...args) =>
    output(program, ['--file', 'docker/compose.yaml', ...args]);

/** Fetches Debian 13's Compose, as Debian 12's does not know today's files; returns the program's path. */
export async function fetchCompose(folder) {
  const program = join(folder, 'docker-compose');
  if (existsSync(program)) return program;
  for (const each of ['lists/partial', 'cache/archives/partial', 'package']) {
    mkdirSync(join(folder, 'apt', each), { recursive: true });
  }
  const at = (name) => join(folder, 'apt', name);
  writeFileSync(
    at('sources.list'),
    'deb [signed-by=/usr/share/keyrings/debian-archive-keyring.gpg] http://deb.debian.org/debian trixie main\n',
  );
  const settings = {
    'Dir::Etc::sourcelist': at('sources.list'),
    'Dir::Etc::sourceparts': '-',
    'Dir::State::lists': at('lists'),
    'Dir::Cache': at('cache'),
    'APT::Sandbox::User': 'root',
  };
  const options = Object.entries(settings).flatMap(([key, value]) => ['-o', `${key}=${value}`]);
  await announce('Fetching Compose of Debian 13', async () => {
    await output('apt-get', [...options, '-qq', 'update']);
    await output('sh', [
      '-c',
      'cd "$1" && shift && apt-get "$@" -qq download docker-compose',
      'sh',
      at('package'),
      ...options,
    ]);
  });
  const deb = readdirSync(at('package')).find((name) => name.endsWith('.deb'));
  await output('dpkg', ['--extract', join(at('package'), deb), at('package')]);
  copyFileSync(at('package/usr/libexec/docker/cli-plugins/docker-compose'), program);
  return program;
}

/** Starts podman's socket, which Compose speaks with. */
export async function serveEngine() {
  const socket = process.env.DOCKER_HOST;
  spawn('podman', ['system', 'service', '--time=0', socket], { stdio: 'ignore' });
  while (!existsSync(socket.replace('unix://', ''))) await pause(100);
}

/** Runs the health checks of all containers until the signal, as podman lets systemd do. */
export async function checkHealth(signal) {
  while (!signal.aborted) {
    const names = await output('podman', ['ps', '--format={{.Names}}']).catch(() => '');
    for (const name of names.split('\n').filter((each) => each.startsWith('vmemd-'))) {
      // one without a check, or that ends meanwhile
      await output('podman', ['healthcheck', 'run', name]).catch(() => undefined);
    }
    await pause(2000);
  }
}
