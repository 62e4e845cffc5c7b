# bash completion for samovar: commands and flags as `--help` lists them, and files.
# SPDX-License-Identifier: Apache-2.0
_samovar() {
  local word=${COMP_WORDS[COMP_CWORD]} i help words
  local -a path=()
  for ((i = 1; i < COMP_CWORD; ++i)); do
    [[ ${COMP_WORDS[i]} != -* ]] || break
    path+=("${COMP_WORDS[i]}")
  done
  help=$("${COMP_WORDS[0]}" "${path[@]}" --help 2>/dev/null </dev/null)
  if [[ $word == -* ]]; then
    words=$(awk '/^  -/ { gsub(",", "\n", $1); print $1 }' <<<"$help")
  else
    words=$(awk '/^[^ ]/ { listed = /^Subcommands:/ } /^  [^ ]/ && listed { print $1 }' <<<"$help")
  fi
  if [[ -n $words ]]; then
    mapfile -t COMPREPLY < <(compgen -W "$words" -- "$word")
  else
    mapfile -t COMPREPLY < <(compgen -f -- "$word")
  fi
}
complete -o filenames -F _samovar samovar
