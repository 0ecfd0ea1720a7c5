#!/bin/sh
# Runs in a clean Debian whose /packages/old has vmemd and vmemd-node: installs vmemd beside libvirt and QEMU.
set -eu
unset NODE_EXTRA_CA_CERTS NODE_OPTIONS
export DEBIAN_FRONTEND=noninteractive
debs=$(echo /packages/old/vmemd_*_all.deb)
# as Debian 12's own Node.js is too old
[ "$1" != bookworm ] || debs="$debs $(echo /packages/old/vmemd-node_*.deb)"
{
  apt-get -q update
  # shellcheck disable=SC2086
  apt-get -q -y --no-install-recommends install dbus libvirt-daemon-system libvirt-clients qemu-system-x86 $debs
} >/tmp/apt.log 2>&1 || { cat /tmp/apt.log >&2; exit 1; }
