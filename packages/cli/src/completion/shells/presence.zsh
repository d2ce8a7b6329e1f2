#compdef presence
# presence: completion for zsh. To use it: source <(presence completion zsh)
# or as a file named _presence in a folder of $fpath.
#
# Answers are text from others: they are never expanded, and compadd quotes them before they reach the line.
_presence() {
  local line value
  local -a whole about open
  while IFS= read -r line; do
    value=${line%%$'\t'*}
    if [[ $value == *: ]]; then
      open+=("$value")
    else
      whole+=("$value")
      about+=("${line/$'\t'/  }")
    fi
  done < <(presence complete -- "${(@Q)words[2,CURRENT-1]}" "${(Q)PREFIX}" 2>/dev/null)
  (( $#open )) && compadd -S '' -a open
  (( $#whole )) && compadd -l -d about -a whole
  return 0
}
if [[ ${funcstack[1]} == _presence ]]; then
  _presence "$@"
else
  (( $+functions[compdef] )) || { autoload -Uz compinit && compinit; }
  compdef _presence presence
fi
