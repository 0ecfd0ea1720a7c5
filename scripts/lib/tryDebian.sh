#!/bin/sh
# Runs as root in a clean Debian whose /packages has vmemd in two versions and vmemd-node: installs, uses, upgrades and removes it.
set -eu
suite=$1
unset NODE_EXTRA_CA_CERTS NODE_OPTIONS
export DEBIAN_FRONTEND=noninteractive
old=$(echo /packages/old/vmemd_*_all.deb)
new=$(echo /packages/new/vmemd_*_all.deb)
node=$(echo /packages/old/vmemd-node_*.deb)
conf=/etc/vmemd/vmemd.conf
# one that a vmemd of the machine does not use
port=54871

say() { echo "$suite: $*"; }
fail() {
  say "FAILED: $*" >&2
  exit 1
}
apt() { apt-get -q -y --no-install-recommends "$@" >/tmp/apt.log 2>&1 || { cat /tmp/apt.log >&2; return 1; }; }

# Starts what the unit starts, as its user, on a simulated host; makes a VM and lists it.
use() {
  program=$(sed -n 's/^ExecStart=//p' /usr/lib/systemd/system/vmemd.service)
  install -d -o vmemd -g vmemd -m 0700 /var/lib/vmemd
  setpriv --reuid vmemd --regid vmemd --init-groups --no-new-privs "$program" --connect simulated --listen "127.0.0.1:$port" 2>/tmp/vmemd.log &
  daemon=$!
  tries=0
  until vmemctl --host "127.0.0.1:$port" list >/dev/null 2>&1; do
    kill -0 "$daemon" 2>/dev/null && [ "$tries" -lt 100 ] || { cat /tmp/vmemd.log >&2; fail 'the daemon does not serve'; }
    tries=$((tries + 1))
    sleep 0.2
  done
  vmemctl --host "127.0.0.1:$port" create first --memory 1G >/dev/null 2>&1
  [ "$(vmemctl --host "127.0.0.1:$port" list --names)" = first ] || fail 'the VM is not listed'
  kill "$daemon"
  wait "$daemon" || fail "the daemon ended with status $?"
}

apt update
if [ "$suite" = bookworm ]; then
  # its Node.js is too old, and the package says so
  apt install "$old" 2>/tmp/refusal && fail 'it was installed without a Node.js that is new enough'
  grep -q 'nodejs (>= 20.19)' /tmp/refusal || fail 'the refusal does not name the Node.js that is needed'
  apt install "$old" "$node"
else
  apt install "$old"
fi
say "installed with Node.js $(if [ -x /usr/lib/vmemd/node ]; then /usr/lib/vmemd/node --version; else node --version; fi)"

vmemd --version
id -nG vmemd | grep -qw libvirt || fail 'the user is not in the group libvirt'
[ -L /etc/systemd/system/multi-user.target.wants/vmemd.service ] || fail 'the service is not enabled'
systemd-analyze verify --man=no vmemd.service >/tmp/verify.log 2>&1 || { cat /tmp/verify.log >&2; fail 'systemd refuses the unit'; }
grep vmemd.service /tmp/verify.log && fail 'systemd complains of the unit'
systemd-analyze security --offline=true --threshold=30 vmemd.service >/dev/null || fail 'the unit is exposed to attacks'
vmemd --check-config >/dev/null
bash -c '. /usr/share/bash-completion/completions/vmemctl && complete -p vmemctl' >/dev/null
say 'the unit, the user and the configuration are in order'
use
say 'the daemon serves and the command line reaches it'

printf '\n[logging]\nlevel = warn\n' >>$conf
before=$(cat $conf)
touch /var/lib/vmemd/state
systemctl disable vmemd 2>/dev/null || deb-systemd-helper disable vmemd.service 2>/dev/null || rm /etc/systemd/system/multi-user.target.wants/vmemd.service
apt install -o Dpkg::Options::=--force-confold "$new"
[ "$(cat $conf)" = "$before" ] || fail 'the upgrade changed the configuration'
[ -e /var/lib/vmemd/state ] || fail 'the upgrade removed the state'
[ -L /etc/systemd/system/multi-user.target.wants/vmemd.service ] && fail 'the upgrade enabled a service that was disabled'
dpkg-query -W vmemd | grep -q upgraded || fail 'the upgrade left the old version'
use
say 'the upgrade kept the configuration, the state and that the service was disabled'

apt remove vmemd
[ -e /usr/bin/vmemd ] && fail 'the removal left the program'
[ "$(cat $conf)" = "$before" ] || fail 'the removal changed the configuration'
[ -e /var/lib/vmemd/state ] || fail 'the removal removed the state'
say 'the removal kept the configuration and the state'

apt install "$new"
[ "$(cat $conf)" = "$before" ] || fail 'the installation after a removal changed the configuration'
apt purge vmemd
for path in /etc/vmemd /var/lib/vmemd /etc/systemd/system/multi-user.target.wants/vmemd.service; do
  [ -e $path ] && fail "the purge left $path"
done
say 'the purge removed both'
