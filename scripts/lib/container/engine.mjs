import { chmodSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { capture } from '../run.mjs';

/** crun as it is, but for limits of processes, which a machine without CAP_SYS_RESOURCE cannot set. */
const RUNTIME = `#!/bin/sh
previous=
for word in "$@"; do
  case $previous in
    --bundle | -b) sed -i 's/"rlimits":\\[[^]]*\\],\\{0,1\\}//' "$word/config.json" ;;
    --process | -p) sed -i 's/"rlimits":\\[[^]]*\\],\\{0,1\\}//' "$word" ;;
  esac
  previous=$word
done
exec crun "$@"
`;

/** State of what runs, which ends with the mounts of this run. */
export const STATE = '/run/vmemd-containers';

/**
 * Lets podman and buildah work without systemd, apart from this machine's other images and containers; returns the
 * environment that does so.
 */
export function configureEngine(folder) {
  mkdirSync(folder, { recursive: true });
  const at = (name) => join(folder, name);
  writeFileSync(at('runtime'), RUNTIME);
  chmodSync(at('runtime'), 0o755);
  writeFileSync(
    at('containers.conf'),
    `[engine]
runtime = "plain"
cgroup_manager = "cgroupfs"
events_logger = "file"
tmp_dir = "${STATE}/libpod"
[engine.runtimes]
plain = ["${at('runtime')}"]
[network]
network_config_dir = "${at('networks')}"
`,
  );
  writeFileSync(
    at('storage.conf'),
    `[storage]
driver = "overlay"
graphroot = "${at('storage')}"
runroot = "${STATE}/storage"
`,
  );
  return {
    CONTAINERS_CONF: at('containers.conf'),
    CONTAINERS_STORAGE_CONF: at('storage.conf'),
    DOCKER_HOST: `unix://${STATE}/podman.sock`,
  };
}

/** Runs a program; returns what it printed. Throws if it fails. */
export async function output(command, args) {
  const { code, stdout, stderr } = await capture(command, args);
  if (code === 0) return stdout.trim();
  throw new Error(
    `${command} ${args.join(' ')} ended with status ${code}:\n${(stdout + stderr).trim().slice(-4000)}`,
  );
}
