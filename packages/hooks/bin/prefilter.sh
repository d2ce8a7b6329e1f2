# shellcheck shell=sh
# Decides in the shell whether the guard must look at a command, because starting Node costs more than everything
# else that a hook does before a tool. bin/presence-hook reads this file, and build/one-file.ts copies it.
#
# A command passes without Node only if no word in it is the name of a guarded program, and nothing where a command
# may begin could turn into such a name: quotes inside a word, a backslash, a variable, a pattern, or a script that
# contains a name. It doesn't parse: it splits the command at each `;|&()` and at each line, also inside quotes, and
# takes what follows for a command. So it may start Node for nothing, but it doesn't pass what the guard would find.
# packages/hooks/test/prefilter.test.ts compares it with the guard.
#
# All names begin with `pf_`: assigning to a variable of the user's environment would change it for the guard too.

pf_tab='	'
pf_newline='
'
# Longer payloads go to Node: splitting them here would take longer than starting it.
pf_longest=32768

# pf_gate <event> <options>: ends this shell if the guard need not look at the command. Otherwise pf_payload is what
# Node must read.
pf_gate() {
  case $1 in PreToolUse | BeforeTool | preToolUse | beforeShellExecution) ;; *) return 0 ;; esac
  # `presence doctor` wants to see what the guard says.
  [ -z "${PRESENCE_PROBE-}" ] || return 0
  pf_denies=
  case " $* " in *' --deny-task-tools '*) pf_denies=1 ;; esac
  [ "${PRESENCE_GUARD-}:$pf_denies" != off: ] || exit 0
  pf_state=${XDG_STATE_HOME-}
  case $pf_state in /*) ;; *) case ${HOME-} in /*) pf_state=$HOME/.local/state ;; *) return 0 ;; esac ;; esac
  # shellcheck disable=SC3067 # -O: dash, bash and busybox have it.
  [ -O "$pf_state/presence/hooks" ] || return 0
  pf_read 2>/dev/null
  pf_needed "$pf_state/presence/hooks" || exit 0
  case " $* " in *' --via mcp '*) if pf_in_mcp 2>/dev/null; then exit 0; fi ;; esac
}

# True if the agent's MCP server has answered a hook of this session, and still runs: it answers this one too.
pf_in_mcp() {
  pf_pid=
  # shellcheck disable=SC3067 # -O: dash, bash and busybox have it.
  [ -n "${pf_session-}" ] && [ -O "$pf_session.mcp" ] && ! [ -L "$pf_session.mcp" ] || return 1
  IFS= read -r pf_pid <"$pf_session.mcp" || return 1
  case $pf_pid in '' | *[!0-9]*) return 1 ;; esac
  kill -0 "$pf_pid"
}

# Reads the agent's payload. A complete object on one line isn't waited for longer.
pf_read() {
  pf_payload=
  IFS= read -r pf_payload && case $pf_payload in
    '{'*'}') return 0 ;;
    *)
      while IFS= read -r pf_more; do pf_payload=$pf_payload$pf_newline$pf_more; done
      pf_payload=$pf_payload$pf_newline$pf_more
      ;;
  esac
}

# pf_needed <folder of the session's files>: true if Node must look at the payload.
pf_needed() {
  [ "${#pf_payload}" -le "$pf_longest" ] || return 0
  # Field splitting must not look for files.
  set -f
  pf_looked "$1"
  pf_status=$?
  set +f
  unset IFS
  return $pf_status
}

pf_looked() {
  # Cursor names a conversation.
  pf_value '"session_id"' || pf_value '"conversation_id"' || return 0
  # A name of a file that is safe, as in the throttle.
  case $pf_text in '' | .* | x-* | *[!A-Za-z0-9_.-]*) return 0 ;; esac
  [ "${#pf_text}" -le 64 ] || return 0
  pf_session=$1/$pf_text
  pf_value '"cwd"' || return 0
  pf_cwd=$pf_text
  pf_known || return 0
  case $pf_payload in *'"tool_name"'*)
    pf_value '"tool_name"' || return 0
    case $pf_text in
      Bash | run_shell_command | Shell | shell) ;;
      *)
        [ -z "$pf_denies" ] || return 0
        IFS=' '
        for pf_tool in $pf_tools; do
          # shellcheck disable=SC2254 # The names may have stars.
          case $pf_text in $pf_tool) return 0 ;; esac
        done
        return 1
        ;;
    esac
    ;;
  esac
  pf_rest=$pf_payload
  case $pf_rest in *'"tool_input"'*) pf_rest=${pf_rest#*'"tool_input"'} ;; esac
  # The command runs in another folder than the one that the payload names.
  case $pf_rest in *'"workdir"'* | *'"working_directory"'* | *'"directory"'* | *'"dir_path"'*) pf_cwd= ;; esac
  case $pf_rest in *'"command"'*) ;; *) return 0 ;; esac
  pf_rest=${pf_rest#*'"command"'}
  case $pf_rest in *'"command"'*) return 0 ;; esac
  pf_string || return 0
  pf_command=$pf_text
  pf_named "$pf_command" || pf_hidden
}

# What Node wrote for this session: the configuration and the folders that it is true for, the names of programs, and
# the names of tools. Fails if Node must write it anew.
pf_known() {
  # shellcheck disable=SC2094,SC3067 # -O: dash, bash and busybox have it.
  [ -r "$pf_session.names" ] && [ -O "$pf_session.names" ] && ! [ -L "$pf_session.names" ] || return 1
  pf_names=
  pf_tools=
  pf_here=
  # shellcheck disable=SC2094 # The file is only read.
  while IFS= read -r pf_line; do
    case $pf_line in
      "cwd $pf_cwd") pf_here=1 ;;
      'names '*\**) return 1 ;;
      'config '*)
        # shellcheck disable=SC3013 # -nt: dash, bash and busybox have it.
        if [ "${pf_line#config }" -nt "$pf_session.names" ]; then return 1; fi
        ;;
      'names '*) pf_names=${pf_line#names } ;;
      'tools '*) pf_tools=${pf_line#tools } ;;
    esac
  done 2>/dev/null <"$pf_session.names"
  [ -n "$pf_names" ] && [ -n "$pf_here" ]
}

# pf_value <key with quotes>: sets pf_text to the string of the first such key, as it is in the JSON.
pf_value() {
  case $pf_payload in *"$1"*) ;; *) return 1 ;; esac
  pf_rest=${pf_payload#*"$1"}
  pf_string
}

# Sets pf_text to the string in pf_rest, which begins after a key.
pf_string() {
  case $pf_rest in
    :\"*) pf_rest=${pf_rest#??} ;;
    *)
      pf_rest=${pf_rest#"${pf_rest%%[! "$pf_tab$pf_newline"]*}"}
      case $pf_rest in :*) pf_rest=${pf_rest#:} ;; *) return 1 ;; esac
      pf_rest=${pf_rest#"${pf_rest%%[! "$pf_tab$pf_newline"]*}"}
      case $pf_rest in \"*) pf_rest=${pf_rest#?} ;; *) return 1 ;; esac
      ;;
  esac
  case $pf_rest in *\"*) ;; *) return 1 ;; esac
  pf_text=${pf_rest%%\"*}
  case $pf_text in *\\*) pf_decode ;; esac
}

# The same if the string has escapes: replaces them. Fails if the string has no end, or if an escape could be a
# character of a name.
pf_decode() {
  # shellcheck disable=SC1003,SC2141
  IFS='\'
  # shellcheck disable=SC2086
  set -- $pf_rest
  # Text is added to a short piece first, because a shell copies all of a text to add to it.
  pf_text=
  pf_piece=$1
  shift
  pf_literal=
  for pf_part in "$@"; do
    if [ -n "$pf_literal" ]; then
      pf_literal=
    else
      case $pf_part in
        '')
          pf_piece=$pf_piece\\
          pf_literal=1
          continue
          ;;
        n*) pf_piece=$pf_piece$pf_newline ;;
        t*) pf_piece=$pf_piece$pf_tab ;;
        [\"/]*) pf_piece=$pf_piece${pf_part%"${pf_part#?}"} ;;
        u00[0-7]*) return 1 ;;
        u????*)
          pf_piece=${pf_piece}_
          pf_part=${pf_part#????}
          ;;
        *) return 1 ;;
      esac
      pf_part=${pf_part#?}
    fi
    case $pf_part in *\"*)
      pf_text=$pf_text$pf_piece${pf_part%%\"*}
      return 0
      ;;
    esac
    pf_piece=$pf_piece$pf_part
    if [ "${#pf_piece}" -gt 400 ]; then
      pf_text=$pf_text$pf_piece
      pf_piece=
    fi
  done
  return 1
}

# pf_named <text>: true if a word of the text is a name. `-`, `_` and `.` are parts of words.
pf_named() {
  IFS=' '
  for pf_name in $pf_names; do
    case $1 in *"$pf_name"*)
      case " $1 " in *[!A-Za-z0-9_.-]"$pf_name"[!A-Za-z0-9_.-]*) return 0 ;; esac
      ;;
    esac
  done
  return 1
}

# True if something in pf_command could become a name, or if it runs a script that contains one.
pf_hidden() {
  # A command may begin after an empty line, which splitting would skip.
  case $pf_command in *\\"$pf_newline$pf_newline"*) return 0 ;; esac
  pf_ends=
  pf_joins=
  IFS=$pf_newline
  # shellcheck disable=SC2086
  set -- $pf_command
  for pf_line in "$@"; do
    if [ -n "$pf_ends" ]; then
      # The text of a heredoc: only the commands whose output is put into it may run.
      case ${pf_line#"${pf_line%%[!"$pf_tab"]*}"} in "$pf_ends")
        pf_ends=
        continue
        ;;
      esac
      [ -z "$pf_quotes" ] || continue
      case $pf_line in *\$\(* | *\`*) ;; *) continue ;; esac
    fi
    # What a command prints may be a part of a word.
    case $pf_line in *\`* | *\)[A-Za-z0-9_\$]* | *\)[\"\'][A-Za-z0-9_\$]*) return 0 ;; esac
    pf_joined=$pf_joins
    pf_joins=
    case $pf_line in *\\)
      # Two halves of a word may be on two lines.
      case $pf_line in *[!\ "$pf_tab"\;\|\&\(]\\) pf_joins=2 ;; *) pf_joins=1 ;; esac
      ;;
    esac
    if [ "$pf_joined" = 2 ]; then case $pf_line in [!\ "$pf_tab"]*) return 0 ;; esac; fi
    pf_segments && return 0
    [ -n "$pf_ends" ] || case $pf_line in *'<<'*) pf_heredoc ;; esac
  done
  return 1
}

# Sets pf_ends to the line that ends the heredoc that begins in pf_line, if there is one. Without such a line, what
# follows are commands.
pf_heredoc() {
  pf_word=${pf_line#*'<<'}
  case $pf_word in '<'* | *'<<'*) return 0 ;; esac
  pf_word=${pf_word#-}
  pf_word=${pf_word#"${pf_word%%[! "$pf_tab"]*}"}
  pf_quotes=
  case $pf_word in [\"\'\\]*)
    pf_quotes=1
    pf_word=${pf_word#?}
    ;;
  esac
  pf_word=${pf_word%%[!A-Za-z0-9_]*}
  [ -n "$pf_word" ] || return 0
  case $pf_command$pf_newline in *"$pf_newline$pf_word$pf_newline"* | *"$pf_tab$pf_word$pf_newline"*) pf_ends=$pf_word ;; esac
}

# Looks at each part of pf_line that may be a command.
pf_segments() {
  IFS=';|&()`'
  # shellcheck disable=SC2086
  set -- $pf_line
  for pf_segment in "$@"; do
    if [ -n "$pf_joined" ]; then pf_joined=; else
      pf_at=1
      pf_all=
    fi
    [ -n "$pf_at$pf_all" ] || continue
    pf_words && return 0
  done
  return 1
}

# Looks at the words of pf_segment where a command may begin: pf_at is set for the next word, and pf_all for all words.
pf_words() {
  IFS=" $pf_tab"
  # shellcheck disable=SC2086
  set -- $pf_segment
  pf_xargs=
  while [ $# -gt 0 ]; do
    pf_word=$1
    shift
    [ -n "$pf_at$pf_all" ] || return 1
    # Quotes around a word hide nothing.
    while :; do case $pf_word in [\"\']*) pf_word=${pf_word#?} ;; *) break ;; esac; done
    while :; do case $pf_word in *[\"\']) pf_word=${pf_word%?} ;; *) break ;; esac; done
    case $pf_word in
      [A-Za-z_]*=*)
        case ${pf_word%%=*} in *[!A-Za-z0-9_+]*) ;; *)
          # A value in quotes may have blanks, so that any later word may be the command.
          case $pf_word in *[\"\']*) pf_all=1 ;; esac
          continue
          ;;
        esac
        ;;
      '' | *[!0-9]*) ;;
      # The end of `2>&1`.
      *) continue ;;
    esac
    case $pf_word in
      if | then | else | elif | do | while | until | ! | \{ | \} | \\ | -) continue ;;
      \#*) return 1 ;;
      *[\<\>]*)
        pf_all=1
        # What follows is a file, or the input of a shell.
        set -- "${pf_word#"${pf_word%%[\<\>]*}"}" "$@"
        pf_word=${pf_word%%[\<\>]*}
        if [ -z "$pf_word" ]; then
          shift
          continue
        fi
        ;;
    esac
    case $pf_word in
      cd)
        pf_folder "$@"
        pf_at=
        continue
        ;;
      pushd | popd | chdir) pf_cwd= ;;
      *[\"\'\\\$*?\{]*) return 0 ;;
    esac
    pf_program=${pf_word##*[/]}
    case $pf_program in
      # These begin another command, which may stand behind their options and arguments (wrappers/table.ts of the guard).
      sudo | doas | env | nohup | chronic | caffeinate | eatmydata | torsocks | unbuffer | noglob | nocorrect | time | \
        gtime | timeout | gtimeout | nice | ionice | chrt | taskset | numactl | stdbuf | setsid | setarch | tini | \
        dumb-init | catchsegv | command | builtin | exec | strace | ltrace | nsenter | unshare | chroot | gosu | su-exec | \
        setuidgid | faketime | proxychains | proxychains4 | xvfb-run | flock | script | su | runuser | watch | hwatch | \
        viddy | systemd-run | systemd-inhibit | direnv | presence | aws-vault | op | doppler | infisical | dotenvx | teller | \
        envkey-source | chamber | mise | rtx | asdf | devbox | flox | poetry | pipenv | uv | pdm | hatch | rye | bundle | \
        ip | busybox | toybox | k3s | microk8s | rke2 | k0s | minikube | tmux | screen | sshpass | function | coproc | trap)
        # Their command may be what another command prints.
        [ -z "$pf_xargs" ] || return 0
        case $pf_segment in *\ -[CDd]* | *\ --chdir* | *\ --working*) pf_cwd= ;; esac
        pf_all=1
        ;;
      xargs | gxargs)
        case $pf_segment in *\ -[Ii]* | *\ --replace*) return 0 ;; esac
        pf_xargs=1
        pf_all=1
        ;;
      parallel | eval | at | batch) return 0 ;;
      find | gfind) case $pf_segment in *\ -exec* | *\ -ok*) pf_all=1 ;; esac ;;
    esac
    pf_at=
    case $pf_program in
      sh | bash | dash | zsh | ksh | mksh | ash | fish | rbash)
        [ -z "$pf_xargs" ] || return 0
        pf_script "${1-}" any && return 0
        ;;
      source | .) pf_script "${1-}" any && return 0 ;;
      make | gmake) pf_make "$@" && return 0 ;;
      npm | pnpm | yarn | bun) pf_package "$@" && return 0 ;;
      *) case $pf_word in *[/]*) pf_script "$pf_word" && return 0 ;; esac ;;
    esac
  done
  return 1
}

# pf_folder <arguments of cd>: follows the first command of a line; any other leaves the folder unknown.
pf_folder() {
  case $pf_command in
    "cd $1 "* | "cd $1;"* | "cd $1$pf_newline"*) ;;
    *)
      pf_cwd=
      return
      ;;
  esac
  case $pf_command in *\(* | *\`*) pf_cwd= ;; esac
  case $1 in
    '' | *[!A-Za-z0-9_./-]* | -*) pf_cwd= ;;
    /*) pf_cwd=$1 ;;
    *) pf_cwd=${pf_cwd:+$pf_cwd/$1} ;;
  esac
}

# pf_script <path> [any]: true if the file is a shell script (with `any`: whatever its first line says) that contains a
# name, is too long to tell, or isn't known.
pf_script() {
  case $1 in
    '' | -* | *[!A-Za-z0-9_./-]*) return 0 ;;
    /*) pf_file=$1 ;;
    *)
      [ -n "$pf_cwd" ] || return 0
      pf_file=$pf_cwd/$1
      ;;
  esac
  [ -f "$pf_file" ] && [ -r "$pf_file" ] || return 1
  pf_contains "$pf_file" "${2-}"
}

# pf_make <arguments>: true if the folder's makefile may contain a name.
pf_make() {
  case " $* " in *' -'[CfIE]* | *' --'[dfmie]* | *[\"\'\\\$]*) return 0 ;; esac
  [ -n "$pf_cwd" ] || return 0
  for pf_file in GNUmakefile makefile Makefile; do
    if [ -f "$pf_cwd/$pf_file" ] && [ -r "$pf_cwd/$pf_file" ]; then
      pf_contains "$pf_cwd/$pf_file" any
      return
    fi
  done
  return 1
}

# pf_package <arguments>: true if they run a script of the folder's package.json, and that may contain a name.
pf_package() {
  case " $* " in *' run '* | *' run-script '* | *[\"\'\\\$]*) ;; *) return 1 ;; esac
  case " $* " in *' -C'* | *' --dir'* | *' --prefix'* | *' --cwd'*) return 0 ;; esac
  [ -n "$pf_cwd" ] || return 0
  [ -f "$pf_cwd/package.json" ] && [ -r "$pf_cwd/package.json" ] || return 1
  pf_contains "$pf_cwd/package.json" any
}

# pf_contains <file> [any]: true if a line of the file has a name. The shell reads byte by byte, so only a short file is
# read. What is left after a command is looked at, because a script may be one line.
pf_contains() {
  pf_count=0
  pf_line_before=$pf_line
  pf_kind=${2-}
  while IFS= read -r pf_line || [ -n "$pf_line" ]; do
    case $pf_count:$pf_kind:$pf_line in
      0::\#!*sh | 0::\#!*sh\ *) ;;
      0::\#!* | 0::?ELF*) break ;;
    esac
    pf_count=$((pf_count + 1 + ${#pf_line}))
    [ "$pf_count" -lt 8192 ] || { pf_line=$pf_line_before && return 0; }
    pf_named "$pf_line" && { pf_line=$pf_line_before && return 0; }
  done <"$1" 2>/dev/null
  pf_line=$pf_line_before
  IFS=" $pf_tab"
  return 1
}
