# bash completion for samovar: commands, each command's flags as its --help prints them, and files.
# SPDX-License-Identifier: Apache-2.0
_samovar() {
  local word=${COMP_WORDS[COMP_CWORD]} command=${COMP_WORDS[1]}
  if [[ $COMP_CWORD -eq 1 ]]; then
    COMPREPLY=($(compgen -W 'pull list show run serve gateway datasphere rm du gc verify export import health ps kill plan advise doctor bench perplexity host cluster local-llm debug version' -- "$word"))
  elif [[ $word == -* ]]; then
    local flags
    flags=$("${COMP_WORDS[0]}" "$command" --help 2>/dev/null | grep -oE -- '--?[a-z][a-z-]*' | sort -u)
    COMPREPLY=($(compgen -W "$flags" -- "$word"))
  elif [[ $command == debug && $COMP_CWORD -eq 2 ]]; then
    COMPREPLY=($(compgen -W 'tokenize render logits' -- "$word"))
  elif [[ $command == local-llm && $COMP_CWORD -eq 2 ]]; then
    COMPREPLY=($(compgen -W 'list pull run ps kill rm' -- "$word"))
  elif [[ $command == cluster && $COMP_CWORD -eq 2 ]]; then
    COMPREPLY=($(compgen -W 'up status down image' -- "$word"))
  elif [[ $command == host && $COMP_CWORD -eq 2 ]]; then
    COMPREPLY=($(compgen -W 'setup status undo zram' -- "$word"))
  elif [[ $command == datasphere && $COMP_CWORD -eq 2 ]]; then
    COMPREPLY=($(compgen -W 'init check registry node alias invoke deploy undeploy' -- "$word"))
  else
    COMPREPLY=($(compgen -f -- "$word"))
  fi
}
complete -o filenames -F _samovar samovar
