#!/bin/sh
# Runs the tests that need libvirt against that of Debian 13, from a root of its own under .cache/debian13.
# Needs root and debootstrap; the root is made once, and what runs in it is ended when the tests are.
#
#   lab/debian13.sh [TEST FILE...]
set -eu
PATH=$PATH:/usr/sbin:/sbin

cd "$(dirname "$0")/.."
cache=$PWD/.cache
root=$cache/debian13
daemon=$root/srv/libvirtd
guest=$cache/guest

if [ "$(id -u)" != 0 ] || ! command -v debootstrap >/dev/null; then
  echo 'lab/debian13.sh needs root and debootstrap: apt-get install debootstrap' >&2
  exit 1
fi

make_root() {
  mirror=$(apt-get indextargets --format '$(SITE)' | grep '/debian/\?$' | head -n1)
  rm -rf "$root.new"
  debootstrap --variant=minbase trixie "$root.new" "${mirror:-http://deb.debian.org/debian}"
  # As on this machine the packages are fetched, through its proxy if it has one.
  apt-config dump Acquire | grep -i proxy >"$root.new/etc/apt/apt.conf.d/90machine" || true
  printf '#!/bin/sh\nexit 101\n' >"$root.new/usr/sbin/policy-rc.d"
  chmod 755 "$root.new/usr/sbin/policy-rc.d"
  chroot "$root.new" env DEBIAN_FRONTEND=noninteractive sh -c \
    'apt-get -qq update && apt-get -qq install --no-install-recommends libvirt-daemon-system qemu-system-x86'
  rm -rf "$root.new/var/cache/apt/archives"
  mv "$root.new" "$root"
}

# Its mounts are its own: what the daemon and its guests share with this machine is /tmp and the guest's image.
start_daemon() {
  install -D -m 755 lab/libvirtd.sh "$root/srv/libvirtd.sh"
  mkdir -p "$root$guest"
  unshare -m --propagation private sh -c '
    set -e
    mount --bind "$1" "$1"
    mount -t proc proc "$1/proc"
    mount --rbind /sys "$1/sys"
    mount --rbind /dev "$1/dev"
    mount --bind /tmp "$1/tmp"
    mount --bind "$2" "$1$2"
    exec chroot "$1" /srv/libvirtd.sh start /srv/libvirtd' sh "$root" "$guest" >/dev/null
}

stop_daemon() { lab/libvirtd.sh stop "$daemon"; }

[ -d "$root" ] || make_root
lab/guest.sh "$guest"
trap stop_daemon EXIT
trap 'exit 130' INT TERM
start_daemon

# Not those that start this machine's own daemon.
[ $# -gt 0 ] || set -- tests/live/libvirtClient.test.ts tests/live/lifecycle.test.ts \
  tests/live/memoryJobs.test.ts tests/live/statistics.test.ts
VMEMD_TEST_LIBVIRT="qemu:///system?socket=$daemon/run/libvirt-sock" \
VMEMD_TEST_GUEST="$guest" \
  node_modules/.bin/jest --config jest.live.config.js "$@"
