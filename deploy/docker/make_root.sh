#!/bin/sh
# Lays out the image's root folder: deploy/docker/make_root.sh PROGRAM FOLDER
#
# The program without its debug information, the shared libraries that it loads (with their licences), CA certificates, and the
# few files by which the C library finds names.
# SPDX-License-Identifier: Apache-2.0
set -eu
program=$1
root=$2

# package_of FILE: by its real path, which older packages still write without /usr
package_of() {
  { dpkg -S "$1" 2> /dev/null || dpkg -S "${1#/usr}"; } | sed 's/:.*//' | head -n 1
}

install -D -s -m 755 "$program" "$root/usr/bin/samovar"
ldd "$program" | sed -n 's|^[^/]*\(/[^ ]*\) (0x.*|\1|p' | while read -r library; do
  install -D -m 755 "$library" "$root$library"
  package=$(package_of "$(readlink -f "$library")")
  install -D -m 644 "/usr/share/doc/$package/copyright" "$root/usr/share/doc/$package/copyright"
done
install -D -m 644 /etc/ssl/certs/ca-certificates.crt "$root/etc/ssl/certs/ca-certificates.crt"
echo 'samovar:x:65532:65532::/tmp:/usr/sbin/nologin' > "$root/etc/passwd"
echo 'samovar:x:65532:' > "$root/etc/group"
echo 'hosts: files dns' > "$root/etc/nsswitch.conf"
install -d -m 1777 "$root/tmp"
