#!/bin/sh
# Installs the Debian packages of a group (tools/packages.txt) that are missing.
#
#   tools/setup.sh [build|test|all|cluster]        says nothing and does nothing when all are present
#   APT=0 tools/setup.sh [...]             installs nothing: prints what is missing, exit code 1
#
# Needs a shell, awk and apt only; works as root, or through sudo.
# SPDX-License-Identifier: Apache-2.0
set -eu

group=${1:-build}
here=$(dirname "$0")

case $group in
  build) groups='build' ;;
  test) groups='build test' ;;
  all) groups='build test all' ;;
  cluster) groups='build test cluster' ;;
  *) echo "setup: no group '$group' (there are: build, test, all, cluster)" >&2; exit 2 ;;
esac

wanted=$(awk -v groups=" $groups " '!/^#/ && NF == 2 && index(groups, " " $1 " ") { print $2 }' \
         "$here/packages.txt")

if ! command -v dpkg-query >/dev/null 2>&1; then
  echo "setup: this is not a Debian system; samovar is built with these packages of Debian 12:" >&2
  echo "$wanted" | tr '\n' ' ' >&2
  echo >&2
  echo "setup: going on; the build says what it cannot find" >&2
  exit 0
fi

# missing_of PACKAGE...: those that are not installed, one a line.
missing_of() {
  { dpkg-query -W -f '${db:Status-Status} ${Package}\n' "$@" 2>/dev/null || true; } |
    awk -v wanted="$*" '$1 == "installed" { have[$2] = 1 }
                        END { n = split(wanted, w, " ")
                              for (i = 1; i <= n; i++) if (!(w[i] in have)) print w[i] }'
}

# shellcheck disable=SC2086  # a list of words on purpose, here and below
missing=$(missing_of $wanted | tr '\n' ' ')
[ -n "$missing" ] || exit 0

# stop REASON: the list and the command that installs it, for whoever may run it.
stop() {
  echo "setup: $1" >&2
  echo "setup: these Debian packages are missing:" >&2
  echo "  $missing" >&2
  echo "setup: install them as root with:" >&2
  echo "  apt-get update && apt-get install --no-install-recommends $missing" >&2
  exit 1
}

[ "${APT:-1}" != 0 ] || stop 'APT=0: nothing is installed'

as_root=
if [ "$(id -u)" != 0 ]; then
  command -v sudo >/dev/null 2>&1 || stop 'neither root nor sudo'
  if [ ! -t 0 ] && ! sudo -n true 2>/dev/null; then stop 'sudo wants a password and there is no terminal'; fi
  as_root='sudo'
fi

apt() { $as_root env DEBIAN_FRONTEND=noninteractive LC_ALL=C apt-get -o Dpkg::Use-Pty=0 "$@"; }

update() {
  echo "setup: apt-get update (package lists, about 10 MB)"
  apt update -qq || echo "setup: some package lists could not be fetched; going on with the others" >&2
}

# `apt-get update` once, when no list is younger than a week.
fresh=$(find /var/lib/apt/lists -name '*_Packages*' -mtime -7 2>/dev/null | head -n 1)
[ -n "$fresh" ] || update

plan=$(apt install --no-install-recommends -s $missing 2>&1) || {
  update
  plan=$(apt install --no-install-recommends -s $missing 2>&1) ||
    { echo "$plan" | grep '^E:' >&2; stop 'apt-get cannot install them'; }
}
removed=$(echo "$plan" | awk '$1 == "Remv" { printf "%s ", $2 }')
[ -z "$removed" ] || stop "installing them would remove: $removed(decide for yourself)"

# bytes to fetch, from the exact list of archives; apt's own words for what they unpack to
to_fetch=$(apt install --no-install-recommends -qq -y --print-uris $missing |
           awk '{ sum += $3 } END { printf "%.0f", sum }')
unpacked_mib=$(apt install --no-install-recommends --assume-no $missing 2>/dev/null |
  awk '/^After this operation/ { gsub(",", "", $4)
         scale = ($5 == "GB") ? 1000 : ($5 == "kB") ? 0.001 : 1; printf "%.0f", $4 * scale }' || true)
fetch_mib=$((to_fetch / 1000000))
need_mib=$((${unpacked_mib:-0} + fetch_mib + 100))
free_mib=$(df -Pk /usr | awk 'NR == 2 { printf "%.0f", $4 / 1000 }')
count=$(echo "$plan" | grep -c '^Inst' || true)
echo "setup: installing $count Debian packages: $fetch_mib MB to download, ${unpacked_mib:-?} MB on disk ($free_mib MB free)"
echo "setup: asked for: $missing"
[ "$free_mib" -ge "$need_mib" ] || stop "not enough disk: $need_mib MB needed in /usr, $free_mib MB free"

install() {
  echo "setup: downloading"
  apt install --no-install-recommends -y -qq --download-only $missing >/dev/null || return
  echo "setup: unpacking"
  apt install --no-install-recommends -y -qq $missing >/dev/null
}
install || { update; install; } || stop 'apt-get failed'
missing=$(missing_of $wanted | tr '\n' ' ')
[ -z "$missing" ] || stop 'apt-get ran, but some are still not installed'
echo "setup: done"
