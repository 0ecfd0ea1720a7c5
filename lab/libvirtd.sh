#!/bin/sh
# A libvirtd of the tests' own: its state, its sockets and its guests live under DIR, apart from any other libvirtd's.
# Only what it found out about QEMU, which takes it seconds, all of them share in .cache/libvirt of this project.
#
#   lab/libvirtd.sh start DIR     starts it unless it runs; once it answers, prints the path of its socket
#   lab/libvirtd.sh restart DIR   kills the daemon, leaves its guests, starts it again
#   lab/libvirtd.sh stop DIR      ends the daemon and every guest that it left
#
# Needs root, libvirtd and QEMU. Connect with qemu:///system?socket=PATH or test:///default?socket=PATH.
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
socket=$dir/run/libvirt-sock
cache=$(cd "$(dirname "$0")/.." && pwd)/.cache/libvirt

fail() { echo "lab/libvirtd.sh: $*" >&2; exit 1; }

pid_of() { cat "$dir/libvirtd.pid" 2>/dev/null || true; }

running() {
  pid=$(pid_of)
  [ -n "$pid" ] && [ "$(cat "/proc/$pid/comm" 2>/dev/null)" = libvirtd ]
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
  cat >"$dir/etc/libvirtd.conf" <<CONF
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
stdio_handler = "file"
CONF
}

# Runs in a mount namespace of its own: there libvirt's folders are DIR's, and /dev/kvm, if there is one, is an empty
# file: a /dev/kvm that QEMU cannot use would make libvirtd probe QEMU anew, for seconds, at every look-up.
private_daemon() {
  for pair in etc:/etc/libvirt lib:/var/lib/libvirt log:/var/log/libvirt run:/run/libvirt; do
    mount --bind "$dir/${pair%%:*}" "${pair#*:}"
  done
  mount --bind "$cache" /var/cache/libvirt
  if [ -e /dev/kvm ]; then
    : >"$dir/no-kvm"
    mount --bind "$dir/no-kvm" /dev/kvm
    mount -o remount,bind,ro /dev/kvm
  fi
  # Without a bus nothing is registered with systemd-machined.
  DBUS_SYSTEM_BUS_ADDRESS=unix:path=$dir/no-bus \
    exec libvirtd --daemon --config "$dir/etc/libvirtd.conf" --pid-file "$dir/libvirtd.pid"
}

start() {
  [ "$(id -u)" = 0 ] || fail 'needs root'
  command -v libvirtd >/dev/null || fail 'needs libvirtd: apt-get install libvirt-daemon-system qemu-system-x86'
  [ ${#socket} -lt 100 ] || fail "$dir is too long a path for a socket: choose a shorter one"
  if ! running; then
    mkdir -p /etc/libvirt /var/lib/libvirt /var/cache/libvirt /var/log/libvirt /run/libvirt
    configure
    timeout 300 unshare -m --propagation private "$0" private-daemon "$dir" >"$dir/start.log" 2>&1 9>&- ||
      { cat "$dir/start.log" >&2; fail 'libvirtd did not start'; }
  fi
  for _ in $(seq 600); do
    [ -S "$socket" ] && return
    sleep 0.1
  done
  fail "libvirtd made no socket $socket"
}

# A client's first question would else wait for the probe of every QEMU binary, for a minute or more.
probe() {
  command -v virsh >/dev/null || return 0
  [ -n "$(ls "$cache/qemu/capabilities" 2>/dev/null)" ] ||
    echo 'libvirtd gets to know QEMU, which may take it a minute or two the first time …' >&2
  timeout 600 virsh --connect "qemu:///system?socket=$socket" capabilities </dev/null >"$dir/capabilities.xml" 9>&- ||
    fail "libvirtd does not tell its capabilities; see $dir/log"
}

stop_daemon() {
  if running; then end "$(pid_of)"; fi
  rm -f "$socket" "$dir/libvirtd.pid"
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
  stop) stop_daemon; stop_guests ;;
esac
