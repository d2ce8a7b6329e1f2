# presence in bash: a note, before a command runs, if others hold what it would change.
# PS0 is shown when a command was read and before it runs. It is no trap, and it keeps $? and $_.
__presence_seen=
__presence_note() {
  # A command that isn't in the history, for example because it begins with a blank, has no number of its own.
  [ "$HISTCMD" != "$__presence_seen" ] || return 0
  local line
  line=$(HISTTIMEFORMAT='' builtin history 1 2>/dev/null) || return 0
  [[ $line =~ ^\ *[0-9]+\*?\ +(.*)$ ]] || return 0
  line=${BASH_REMATCH[1]}
  [[ " $line " =~ [^A-Za-z0-9_.-](@NAMES@)[^A-Za-z0-9_.-] ]] || return 0
  command presence guard --holders -- "$line" </dev/null >&2 || :
}
case ${PS0-} in *__presence_note*) ;; *)
  PS0=${PS0-}'$(__presence_note)${__presence_blank:$((__presence_seen=HISTCMD,0)):0}'
  ;;
esac
