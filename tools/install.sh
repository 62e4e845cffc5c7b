#!/bin/sh
# Copies the program to $DESTDIR$PREFIX, or takes it away again: tools/install.sh install|uninstall
# WITH_LINKS=1 adds link names. A file that is not ours is never overwritten or removed.
# SPDX-License-Identifier: Apache-2.0
set -eu
cd "$(dirname "$0")/.."
root=${DESTDIR:-}${PREFIX:-/usr/local}
bin=$root/bin
man=$root/share/man/man1
completion=$root/share/bash-completion/completions
links='llama-server ollama local-llm llm'

# is_our_link PATH: a symbolic link to the samovar beside it.
is_our_link() { [ -L "$1" ] && [ "$(readlink "$1")" = samovar ]; }

install_file() {  # MODE SOURCE FOLDER NAME
  [ -f "$2" ] || return 0
  mkdir -p "$3"
  install -m "$1" "$2" "$3/$4"
  echo "installed $3/$4"
}

case ${1:-} in
  install)
    install_file 755 build/release/samovar "$bin" samovar
    install_file 644 docs/man/samovar.1 "$man" samovar.1
    install_file 644 tools/completion.bash "$completion" samovar
    [ "${WITH_LINKS:-0}" = 1 ] || exit 0
    for name in $links; do
      if [ -e "$bin/$name" ] || [ -L "$bin/$name" ]; then
        is_our_link "$bin/$name" || echo "kept $bin/$name: it is not ours" >&2
      else
        ln -s samovar "$bin/$name"
        echo "linked $bin/$name -> samovar"
      fi
    done
    ;;
  uninstall)
    for name in $links; do
      if is_our_link "$bin/$name"; then rm -f "$bin/$name"; echo "removed $bin/$name"; fi
    done
    for file in "$bin/samovar" "$man/samovar.1" "$completion/samovar"; do
      if [ -f "$file" ]; then rm -f "$file"; echo "removed $file"; fi
    done
    ;;
  *) echo "usage: tools/install.sh install|uninstall" >&2; exit 2 ;;
esac
