#!/bin/bash
# Runs the commands of a page as its reader would, in namespaces of its own, where localhost:54321 is a daemon of its own.
#
#   page.sh PAGE SCRIPT FOLDER [OPTION OF VMEMD...]
#
# SCRIPT has the page's commands at the page's lines; CHECKOUT is the project's folder. With LIBVIRT set, the daemon serves
# a libvirtd of the page's own, and the guest of lab/guest.sh is made already, in /var/tmp/guest. Without OPTIONS no daemon
# is started: the page's commands do that.
set -eu
PATH=$PATH:/usr/sbin:/sbin
page=$1 script=$2 folder=$3
shift 3

ip link set lo up
# no daemon of this machine is found, and none of this page by others
for path in /run/vmemd /etc/vmemd /var/lib/vmemd; do
  [ ! -d "$path" ] || mount -t tmpfs none "$path"
done

if [ -n "${LIBVIRT:-}" ]; then
  mount -t tmpfs none /var/tmp
  mkdir /var/tmp/guest
  mount --bind "$LIBVIRT" /var/tmp/guest
  # afterwards, as libvirtd keeps the mounts that it starts with
  "$CHECKOUT/lab/libvirtd.sh" start "$folder/l" >/dev/null
  mount --bind "$folder/l/run" /run/libvirt
  trap '"$CHECKOUT/lab/libvirtd.sh" stop "$folder/l"' EXIT
fi

mkdir "$folder/home"
export HOME=$folder/home
cd "$HOME"

if [ $# -gt 0 ]; then
  vmemd "$@" >"$folder/vmemd.log" 2>&1 &
  daemon=$!
  until vmemctl list >/dev/null 2>&1; do
    kill -0 $daemon || { cat "$folder/vmemd.log"; exit 1; }
    sleep 0.05
  done
fi

bash -eE -o pipefail -c '
  page=$1
  trap "{ status=\$?; set +x; } 9>/dev/null; echo \"$page:\$LINENO: \$BASH_COMMAND: ended with status \$status\"" ERR
  exec 9>&2
  BASH_XTRACEFD=9
  PS4="+ $page:\$LINENO: "
  set -x
  source "$2"' bash "$page" "$script"
