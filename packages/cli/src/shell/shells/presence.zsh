# presence in zsh: a note, before a command runs, if others hold what it would change.
autoload -Uz add-zsh-hook
__presence_note() {
  emulate -L zsh
  [[ " $1 " =~ '[^A-Za-z0-9_.-](@NAMES@)[^A-Za-z0-9_.-]' ]] || return 0
  command presence guard --holders -- "$1" </dev/null >&2 || :
}
add-zsh-hook preexec __presence_note
