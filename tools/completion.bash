# bash completion for samovar: commands, each command's flags as its --help prints them, and files.
# SPDX-License-Identifier: Apache-2.0
_samovar() {
  local word=${COMP_WORDS[COMP_CWORD]} command=${COMP_WORDS[1]}
  if [[ $COMP_CWORD -eq 1 ]]; then
    COMPREPLY=($(compgen -W 'pull list show run serve rm health ps kill bench perplexity host cluster debug version' -- "$word"))
  elif [[ $word == -* ]]; then
    local flags
    flags=$("${COMP_WORDS[0]}" "$command" --help 2>/dev/null | grep -oE -- '--?[a-z][a-z-]*' | sort -u)
    COMPREPLY=($(compgen -W "$flags" -- "$word"))
  elif [[ $command == debug && $COMP_CWORD -eq 2 ]]; then
    COMPREPLY=($(compgen -W 'tokenize render logits' -- "$word"))
  elif [[ $command == cluster && $COMP_CWORD -eq 2 ]]; then
    COMPREPLY=($(compgen -W 'up status down image' -- "$word"))
  elif [[ $command == host && $COMP_CWORD -eq 2 ]]; then
    COMPREPLY=($(compgen -W 'setup status undo zram' -- "$word"))
  else
    COMPREPLY=($(compgen -f -- "$word"))
  fi
}
complete -o filenames -F _samovar samovar
