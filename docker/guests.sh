#!/bin/sh
# Keeps the guests of compose.yaml running: creates those that are not there.
set -eu

folder=/var/lib/libvirt/images/guest

keep() {
  name=$1
  shift
  vmemctl list --names | grep -qx "$name" ||
    vmemctl create "$name" --kernel $folder/vmlinuz --initrd $folder/initramfs.gz --wait "$@"
}

trap 'exit 0' TERM
while :; do
  # A daemon that is restarted is asked again.
  keep web --memory 512M --max 2G --guaranteed 256M --args 'console=ttyS0 guest.life=300' || true
  keep database --memory 768M --max 3G --guaranteed 512M --args 'console=ttyS0 guest.life=500' || true
  keep batch --memory 512M --max 2G --guaranteed 128M --args 'console=ttyS0 guest.life=400' || true
  sleep 10 &
  wait $!
done
