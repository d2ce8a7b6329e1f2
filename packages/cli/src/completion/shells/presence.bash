# presence: completion for bash. To use it: eval "$(presence completion bash)"
#
# If a word contains a colon, an = or an @, readline replaces only what follows the last of them
# (COMP_WORDBREAKS), and bash passes the pieces as separate words. This script joins them again, and cuts
# answers to what readline replaces. Answers are text from others: they are never expanded, and are quoted
# before they reach the line.
_presence() {
  local rest=${COMP_LINE:0:COMP_POINT} last=-1 at word head quote value
  local -a words
  words=()
  for ((at = 0; at <= COMP_CWORD; at++)); do
    if ((at == 0)) || [[ $rest == [[:space:]]* ]]; then
      rest=${rest#"${rest%%[![:space:]]*}"}
      last=$((last + 1))
      words[last]=
    fi
    word=${COMP_WORDS[at]}
    ((at < COMP_CWORD)) || word=$rest
    words[last]+=$word
    rest=${rest#"$word"}
  done
  head=${words[last]} quote=
  case $head in
    [\"\']*) quote=${head:0:1} head= ;;
    *) while [[ -n $head && $COMP_WORDBREAKS != *"${head: -1}"* ]]; do head=${head%?}; done ;;
  esac
  head=${head%@} # readline leaves an @ to the piece after it
  COMPREPLY=()
  while IFS=$'\t' read -r value _; do
    value=${value#"$head"}
    [[ -n $value ]] || continue
    case $quote in
      \") [[ $value == *[\"\$\`\\!]* ]] && continue ;;
      \') [[ $value == *\'* ]] && continue ;;
      *) printf -v value %q "$value" ;;
    esac
    COMPREPLY+=("$value")
  done < <(presence complete -- "${words[@]:1}" 2>/dev/null)
  [[ ${#COMPREPLY[@]} -eq 1 && ${COMPREPLY[0]} == *: ]] && compopt -o nospace 2>/dev/null
  return 0
}
complete -F _presence presence
