#!/bin/sh
# Runs in a Debian with deb-src lines and what a compiler needs: makes /virtqemud from Debian's source of libvirt. Debian has
# packages of libvirtd only, which share their library and QEMU driver with virtqemud.
set -eu
mkdir /build
cd /build
# a mirror may lack the signature of the archive, which is not needed: apt checks what it fetches
apt-get -qq source --download-only libvirt || true
tar -xJf libvirt_*.orig.tar.xz --strip-components=1
tar -xJf libvirt_*.debian.tar.xz
grep -v '^#' debian/patches/series | while read -r patch; do
  patch --silent -p1 <"debian/patches/$patch"
done
json=yajl
! grep -q "'json_c'" meson_options.txt || json=json_c
meson setup build --prefix=/usr --libdir="lib/$(dpkg-architecture -qDEB_HOST_MULTIARCH)" --sysconfdir=/etc --localstatedir=/var \
  -Drunstatedir=/run -Dno_git=true -Drpath=disabled -Dauto_features=disabled -Ddriver_remote=enabled \
  -Ddriver_libvirtd=enabled -Ddriver_qemu=enabled -Dlibnl=enabled "-D$json=enabled" >/dev/null
ninja -C build src/virtqemud >/build/log || { cat /build/log >&2; exit 1; }
strip -o /virtqemud build/src/virtqemud
