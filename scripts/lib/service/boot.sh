#!/bin/sh
# boot.sh FOLDER: boots the Debian in FOLDER, with systemd as process 1; runs in namespaces of its own, and ends with the
# status that systemd is told to end with. What it changes of the kernel stays within the namespaces.
set -eu
PATH=$PATH:/usr/sbin:/sbin
ip link set lo up
mount --bind "$1" "$1"
cd "$1"
mount -t proc proc proc
mount --bind proc/sys proc/sys
mount -o remount,bind,ro proc/sys
mount -t sysfs -o ro sysfs sys
# of version 2 on every machine, if only to know whose each process is
mount -t cgroup2 cgroup2 sys/fs/cgroup
mount -t tmpfs -o mode=755 tmpfs run
mount -t tmpfs -o mode=755 tmpfs dev
for device in null zero full random urandom tty; do
  : >"dev/$device"
  mount --bind "/dev/$device" "dev/$device"
done
mkdir dev/pts dev/shm
mount -t devpts -o newinstance,ptmxmode=0666 devpts dev/pts
ln -s pts/ptmx dev/ptmx
ln -s /proc/self/fd dev/fd
mount -t tmpfs tmpfs dev/shm
mkdir -p .machine
pivot_root . .machine
umount -l .machine
exec env -i container=vmemd-try PATH=/usr/sbin:/usr/bin /usr/lib/systemd/systemd
