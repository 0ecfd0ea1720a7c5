#!/bin/sh
# Makes DIR/vmlinuz and DIR/initramfs.gz: a Linux guest that boots in seconds, for the live tests and to try vmemd with.
#
#   lab/guest.sh DIR
#
# Takes Debian's cloud kernel (unpacked, not installed) and busybox; does nothing if they are made already.
#
# One image serves all guests; words on the kernel's command line choose:
#   guest.online=movable|kernel|none   how plugged memory is taken up (movable; kernel's cannot be given back)
#   guest.balloon=off                  no balloon driver
#   guest.hold=dirs                    once memory is plugged, fill it with what the kernel cannot move
#   guest.life=N                       use up to N MiB of memory, and another part of them every ten seconds
# The serial console tells "guest: ready" once and "guest: MemTotal N kB" every second; a line "use N" written to it makes
# programs use N MiB of memory, which it answers by "guest: uses N MiB".
set -eu
PATH=$PATH:/usr/sbin:/sbin

help() { sed -n '2,/^[^#]/s/^# \{0,1\}//p' "$0"; }
case ${1:-} in
  -h | --help) help; exit ;;
  '' | -*) help >&2; exit 2 ;;
esac
[ $# -eq 1 ] || { help >&2; exit 2; }

dir=$1
modules='virtio_ring virtio virtio_pci_modern_dev virtio_pci_legacy_dev virtio_pci virtio_balloon virtio_mem button evdev'
stamp=$(sha256sum "$0" | cut -d' ' -f1)

if [ "$(cat "$dir/stamp" 2>/dev/null)" = "$stamp" ]; then
  exit 0
fi
for tool in apt-get dpkg busybox cpio gzip; do
  command -v "$tool" >/dev/null ||
    { echo "lab/guest.sh needs $tool: apt-get install busybox-static cpio, on a Debian system" >&2; exit 1; }
done

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
chmod 755 "$work"
mkdir -p "$dir" "$work/root/bin" "$work/root/modules" "$work/root/proc" "$work/root/sys" "$work/root/dev" "$work/root/hold"

fetch_kernel() {
  package=$(apt-cache depends linux-image-cloud-amd64 2>/dev/null | sed -n 's/.*Depends: \(linux-image-[^ ]*\)$/\1/p' | head -n1)
  [ -n "$package" ] && (cd "$work" && apt-get -qq download "$package" 2>"$work/download.log")
}

# The package lists are often absent on a fresh machine, or older than what the mirror holds.
fetch_kernel || { apt-get -qq update && fetch_kernel; } ||
  { cat "$work/download.log" >&2; echo 'no cloud kernel could be fetched: check the machine'\''s apt sources' >&2; exit 1; }
dpkg -x "$work"/linux-image-*.deb "$work/kernel"

cp "$(command -v busybox)" "$work/root/bin/busybox"
if ldd "$work/root/bin/busybox" >/dev/null 2>&1; then
  echo 'busybox is not the static one: apt-get install busybox-static' >&2
  exit 1
fi
for module in $modules; do
  file=$(find "$work/kernel/" -name "$module.ko*" | head -n1)
  case $file in
    *.ko) cp "$file" "$work/root/modules/" ;;
    *.ko.xz) xz -dc "$file" >"$work/root/modules/$module.ko" ;;
    *) echo "the kernel package has no module $module" >&2; exit 1 ;;
  esac
done

cat >"$work/root/init" <<INIT
#!/bin/busybox sh
modules='$modules'
INIT
cat >>"$work/root/init" <<'INIT'
/bin/busybox --install -s /bin
mount -t proc proc /proc
mount -t sysfs sysfs /sys
mount -t devtmpfs devtmpfs /dev
mount -t tmpfs -o nr_inodes=0,size=100% tmpfs /hold

online=online_movable
hold=
life=
for word in $(cat /proc/cmdline); do
  case $word in
    guest.online=none) online= ;;
    guest.online=kernel) online=online_kernel ;;
    guest.balloon=off) modules=${modules%virtio_balloon*}${modules#*virtio_balloon} ;;
    guest.hold=dirs) hold=dirs ;;
    guest.life=*) life=${word#guest.life=} ;;
  esac
done
for module in $modules; do insmod /modules/$module.ko; done

# Memory that was plugged before a reset is there already, but not taken up.
take_up() {
  echo $online >/sys/devices/system/memory/auto_online_blocks
  for block in /sys/devices/system/memory/memory*; do
    [ "$(cat "$block/state")" = online ] || echo $online >"$block/state"
  done
}
[ -z "$online" ] || take_up

mem_total() {
  while read -r key value _; do
    [ "$key" = MemTotal: ] && echo "$value" && return
  done </proc/meminfo
}

# The power button is the only input device here: whatever it says, leave.
for event in /dev/input/event*; do
  [ -c "$event" ] && (dd if="$event" of=/dev/null bs=24 count=1 2>/dev/null; poweroff -f) &
done

# Whoever writes to the serial console must not read that again as the console's own lines.
stty -echo </dev/ttyS0
while read -r verb size; do
  [ "$verb" = use ] && dd if=/dev/zero of=/hold/use bs=1M count="$size" 2>/dev/null && echo "guest: uses $size MiB"
done </dev/ttyS0 &

live() {
  tenths=2
  while sleep 10; do
    tenths=$(((tenths * 7 + 3) % 11))
    dd if=/dev/zero of=/hold/life bs=1M count=$((life * tenths / 10)) 2>/dev/null
  done
}
[ -z "$life" ] || live &

echo 'guest: ready'
blocks=$(ls -d /sys/devices/system/memory/memory* | wc -l)
while :; do
  echo "guest: MemTotal $(mem_total) kB"
  if [ "$hold" = dirs ] && [ "$(ls -d /sys/devices/system/memory/memory* | wc -l)" -gt "$blocks" ]; then
    (cd /hold && seq 20000 | xargs mkdir)
    hold=
    echo 'guest: holding'
  fi
  sleep 1
done
INIT
chmod 755 "$work/root/init"

cp "$work"/kernel/boot/vmlinuz-* "$dir/vmlinuz"
(cd "$work/root" && find . | cpio --quiet -o -H newc | gzip -9) >"$dir/initramfs.gz"
chmod 755 "$dir"
chmod 644 "$dir/vmlinuz" "$dir/initramfs.gz"
echo "$stamp" >"$dir/stamp"
