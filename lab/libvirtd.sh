#!/bin/sh
# A libvirtd of the tests' own: its state, its sockets and its guests live under DIR, apart from any other libvirtd's.
# Only what it found out about QEMU, which takes it seconds, all of them share in .cache/libvirt of this project.
#
#   lab/libvirtd.sh start DIR     starts it unless it runs; once it answers, prints the path of its socket
#   lab/libvirtd.sh restart DIR   kills the daemon, leaves its guests, starts it again
#   lab/libvirtd.sh stop DIR      ends the daemon and every guest that it left
#
# Needs root, libvirtd and QEMU. Connect with qemu:///system?socket=PATH or test:///default?socket=PATH.
#
#   LAB_SYSTEM=FOLDER   runs libvirt and QEMU of another Debian system, which is in this folder
#   LAB_DAEMONS=modular runs virtqemud with virtlogd and virtlockd in place of libvirtd
set -eu
PATH=$PATH:/usr/sbin:/sbin

help() { sed -n '2,/^[^#]/s/^# \{0,1\}//p' "$0"; }
usage() { help >&2; exit 2; }
case ${1:-}:${2:-} in
  -h:* | --help:* | *:-h | *:--help) help; exit ;;
  start:[!-]* | restart:[!-]* | stop:[!-]* | private-daemon:[!-]*) [ $# -eq 2 ] || usage ;;
  *) usage ;;
esac
command=$1
mkdir -p "$2"
dir=$(cd "$2" && pwd)
system=${LAB_SYSTEM:-}
cache=$(cd "$(dirname "$0")/.." && pwd)/.cache/libvirt
case ${LAB_DAEMONS:-} in
  '') daemon=libvirtd socket=$dir/run/libvirt-sock helpers= ;;
  modular) daemon=virtqemud socket=$dir/run/virtqemud-sock helpers='virtlogd virtlockd' ;;
  *) usage ;;
esac
[ -z "$system" ] || cache=$system/var/cache/libvirt/$daemon

fail() { echo "lab/libvirtd.sh: $*" >&2; exit 1; }

# Each function of a daemon takes its name.
pid_of() { cat "$dir/$1.pid" 2>/dev/null || true; }

running() {
  pid=$(pid_of "$1")
  [ -n "$pid" ] && [ "$(cat "/proc/$pid/comm" 2>/dev/null)" = "$1" ]
}

# Ends the processes named, by force when they have not gone after five seconds.
end() {
  signal=TERM
  for _ in $(seq 70); do
    alive=
    for pid in "$@"; do
      case $(cut -d' ' -f3 "/proc/$pid/stat" 2>/dev/null) in
        '' | Z) ;;
        *) alive="$alive $pid" ;;
      esac
    done
    [ -n "$alive" ] || return 0
    # shellcheck disable=SC2086
    kill -$signal $alive 2>/dev/null || true
    sleep 0.1
    tries=$((${tries:-0} + 1))
    [ "$tries" -lt 50 ] || signal=KILL
  done
}

configure() {
  mkdir -p "$dir/etc" "$dir/lib" "$dir/log" "$dir/run" "$cache"
  cat >"$dir/etc/$daemon.conf" <<CONF
unix_sock_dir = "$dir/run"
unix_sock_rw_perms = "0700"
auth_unix_ro = "none"
auth_unix_rw = "none"
CONF
  cat >"$dir/etc/qemu.conf" <<'CONF'
user = "root"
group = "root"
security_driver = "none"
cgroup_controllers = []
namespaces = []
CONF
  # as they are by default where those daemons run
  if [ $daemon = libvirtd ]; then
    echo 'stdio_handler = "file"' >>"$dir/etc/qemu.conf"
  else
    printf 'stdio_handler = "logd"\nlock_manager = "lockd"\n' >>"$dir/etc/qemu.conf"
  fi
}

# Runs in a mount namespace of its own: there the programs are the other system's, libvirt's folders are DIR's, and /dev/kvm, if there is one, is an empty
# file: a /dev/kvm that QEMU cannot use would make libvirtd probe QEMU anew, for seconds, at every look-up.
private_daemon() {
  if [ -n "$system" ]; then
    mount --bind "$system/usr" /usr
    mount --bind "$system/etc" /etc
  fi
  for pair in etc:/etc/libvirt lib:/var/lib/libvirt log:/var/log/libvirt run:/run/libvirt; do
    mount --bind "$dir/${pair%%:*}" "${pair#*:}"
  done
  mount --bind "$cache" /var/cache/libvirt
  if [ -e /dev/kvm ]; then
    : >"$dir/no-kvm"
    mount --bind "$dir/no-kvm" /dev/kvm
    mount -o remount,bind,ro /dev/kvm
  fi
  for helper in $helpers; do
    running $helper || $helper --daemon --pid-file "$dir/$helper.pid"
  done
  # Without a bus nothing is registered with systemd-machined.
  DBUS_SYSTEM_BUS_ADDRESS=unix:path=$dir/no-bus \
    exec $daemon --daemon --config "$dir/etc/$daemon.conf" --pid-file "$dir/$daemon.pid"
}

start() {
  [ "$(id -u)" = 0 ] || fail 'needs root'
  if [ -n "$system" ] || [ $daemon != libvirtd ]; then
    [ -x "$system/usr/sbin/$daemon" ] || fail "there is no $system/usr/sbin/$daemon; npm run test:versions makes it"
  else
    command -v libvirtd >/dev/null || fail 'needs libvirtd: apt-get install libvirt-daemon-system qemu-system-x86'
  fi
  [ ${#socket} -lt 100 ] || fail "$dir is too long a path for a socket: choose a shorter one"
  if ! running $daemon; then
    mkdir -p /etc/libvirt /var/lib/libvirt /var/cache/libvirt /var/log/libvirt /run/libvirt
    configure
    timeout 300 unshare -m --propagation private "$0" private-daemon "$dir" >"$dir/start.log" 2>&1 9>&- ||
      { cat "$dir/start.log" >&2; fail "$daemon did not start"; }
  fi
  for _ in $(seq 600); do
    [ -S "$socket" ] && return
    sleep 0.1
  done
  fail "$daemon made no socket $socket"
}

# A client's first question would else wait for the probe of every QEMU binary, for a minute or more.
probe() {
  command -v virsh >/dev/null || return 0
  [ -n "$(ls "$cache/qemu/capabilities" 2>/dev/null)" ] ||
    echo "$daemon gets to know QEMU, which may take it a minute or two the first time …" >&2
  timeout 600 virsh --connect "qemu:///system?socket=$socket" capabilities </dev/null >"$dir/capabilities.xml" 9>&- ||
    fail "$daemon does not tell its capabilities; see $dir/log"
}

stop_daemon() {
  if running $daemon; then end "$(pid_of $daemon)"; fi
  rm -f "$socket" "$dir/$daemon.pid"
}

stop_helpers() {
  for helper in $helpers; do
    if running $helper; then end "$(pid_of $helper)"; fi
  done
}

stop_guests() {
  for file in "$dir"/run/qemu/*.pid; do
    [ -e "$file" ] || continue
    pid=$(cat "$file")
    case $(cat "/proc/$pid/comm" 2>/dev/null) in
      qemu-system*) end "$pid" ;;
    esac
  done
}

if [ "$command" = private-daemon ]; then private_daemon; fi

exec 9>"$dir/lock"
flock 9
case $command in
  start) start; probe; echo "$socket" ;;
  restart) stop_daemon; start; echo "$socket" ;;
  stop) stop_daemon; stop_guests; stop_helpers ;;
esac
