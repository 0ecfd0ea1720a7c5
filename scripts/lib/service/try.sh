#!/bin/sh
# Runs in a booted Debian with vmemd, libvirt and QEMU as their packages install them: what systemd does with vmemd.
set -eu
export TERM=dumb SYSTEMD_PAGER=

say() { echo "service: $*"; }
fail() {
  say "FAILED: $*"
  systemctl status vmemd libvirtd || true
  journalctl --no-pager --lines 60 || true
  exit 1
}
of() { systemctl show vmemd --property "$1" --value; }
serves() { [ "$(of ActiveState)" = active ] && [ "$(of StatusText)" = "$1" ]; }
runs() { [ "$(virsh --connect qemu:///system domstate first)" = running ]; }
knows_guest() { vmemctl list 2>/dev/null | grep -q '^first *Up'; }
# within two minutes
until_is() {
  words=$1
  shift
  tries=0
  until "$@"; do
    tries=$((tries + 1))
    [ $tries -lt 240 ] || fail "$words"
    sleep 0.5
  done
}
has_restarted() { [ "$(of NRestarts)" = "$1" ] && serves 'serving 1 VM of libvirt at qemu:///system'; }

until_is 'it does not report that it serves libvirt' serves 'serving 0 VMs of libvirt at qemu:///system'
[ "$(stat -c %U "/proc/$(of MainPID)")" = vmemd ] || fail 'it does not run as vmemd'
[ "$(stat -c '%a %U' /run/vmemd /var/lib/vmemd | tr '\n' ' ')" = '750 vmemd 700 vmemd ' ] || fail 'its folders are open to others'
vmemctl create first --memory 256M >/dev/null 2>&1 || fail 'it creates no VM'
until_is 'its guest does not run' knows_guest
until_is 'its state does not say how many VMs it serves' serves 'serving 1 VM of libvirt at qemu:///system'
say 'it starts with the system, as a user of its own, serves its libvirt, creates a guest, and reports what it does'

pid=$(of MainPID)
systemctl reload vmemd || fail 'it cannot be reloaded'
until_is 'it does not serve after a reload' knows_guest
[ "$(of MainPID)" = "$pid" ] || fail 'a reload starts it anew'
say 'a reload leaves it running'

mkdir -p /etc/systemd/system/vmemd.service.d
printf '[Service]\nWatchdogSec=4\n' >/etc/systemd/system/vmemd.service.d/watchdog.conf
systemctl daemon-reload
systemctl restart vmemd || fail 'it cannot be restarted with a drop-in'
[ "$(of WatchdogUSec)" = 4s ] || fail 'the drop-in is not in force'
sleep 10
has_restarted 0 || fail 'it does not tell the watchdog that it is alive'
kill -STOP "$(of MainPID)"
until_is 'the watchdog does not start one that hangs anew' has_restarted 1
until_is 'the guest is not found after the watchdog' knows_guest
say 'the watchdog starts one that hangs anew'

kill -KILL "$(of MainPID)"
until_is 'one that was killed is not started anew' has_restarted 2
until_is 'the guest is not found after a kill' knows_guest
say 'one that was killed is started anew'

pid=$(of MainPID)
systemctl restart libvirtd
until_is 'the guest is not found after a restart of libvirtd' knows_guest
[ "$(of MainPID)" = "$pid" ] || fail 'a restart of libvirtd ends it'
say 'it continues over a restart of libvirtd'

cp /usr/share/vmemd/systemd/ksm.conf /etc/systemd/system/vmemd.service.d/
systemctl daemon-reload
systemctl restart vmemd || fail 'it does not start with the drop-in for page sharing'
[ "$(stat -c %U "/proc/$(of MainPID)")" = root ] || fail 'the drop-in for page sharing is not in force'
rm -r /etc/systemd/system/vmemd.service.d
systemctl daemon-reload
say 'the drop-in for page sharing is in force'

systemctl stop vmemd
[ "$(of Result) $(of ExecMainStatus)" = 'success 0' ] || fail 'it does not end as it should'
[ ! -e /run/vmemd ] || fail 'it leaves its socket'
runs || fail 'the guest ended with it'
systemctl start vmemd
until_is 'the guest is not found after a stop and a start' knows_guest
! systemctl is-failed --quiet vmemd libvirtd || fail 'a service failed'
[ -z "$(journalctl --quiet --unit vmemd --priority err _COMM=node)" ] || fail 'it logged errors'
say 'a stop leaves the guest running, and a start finds it'
