# shellcheck shell=sh
# What the launchers of presence share. packages/cli/bin/presence reads this file, and build/one-file.ts copies it. All
# names begin with `presence_`, because assigning to a variable of the user's environment would change it for the
# command of `presence run` too.

# Prepares the environment for Node. Variables that are meant for the user's own Node programs could end presence
# before its first line (a module that is gone, a folder that can't be made). presence runs without them, and
# gives them to the programs that it starts.
presence_kept='NODE_OPTIONS NODE_V8_COVERAGE NODE_COMPILE_CACHE NODE_DEBUG NODE_DEBUG_NATIVE NODE_ICU_DATA NODE_NO_WARNINGS NODE_UNIQUE_ID'
presence_environment() {
  for presence_name in $presence_kept; do
    eval "presence_value=\${$presence_name-}"
    unset "$presence_name" "PRESENCE_KEPT_$presence_name"
    [ -z "$presence_value" ] || export "PRESENCE_KEPT_$presence_name=$presence_value"
  done
  # Belongs to a parent's channel that is not open here: Node would abort at its end.
  unset NODE_CHANNEL_FD
  presence_compile_cache
}

# The compile cache halves the time to load the program; Node does without it if the folder can't be written. Nobody
# else's folder is used, because Node runs what is in it.
presence_compile_cache() {
  presence_cache=
  case ${HOME-} in /*) presence_cache=$HOME/.cache ;; esac
  case ${XDG_CACHE_HOME-} in /*) presence_cache=${XDG_CACHE_HOME%/} ;; esac
  [ -n "$presence_cache" ] || return 0
  # shellcheck disable=SC3067 # -O: POSIX.1-2024, and dash, bash and busybox had it before.
  [ -O "$presence_cache" ] || { ! [ -e "$presence_cache" ] && [ -O "${presence_cache%/*}" ]; } || return 0
  presence_cache=$presence_cache/presence/compile
  # Created here, because Node retries forever to create it on a file system that allows no folder there.
  if [ -d "$presence_cache" ] || PATH=${PATH:+$PATH:}/bin:/usr/bin mkdir -p "$presence_cache" 2>/dev/null; then
    export NODE_COMPILE_CACHE="$presence_cache"
  fi
}

# Finds the signals that were ignored at the start (nohup, `trap '' INT`), because Node sets all of them back to their
# defaults. Linux has them in /proc; the shell can't trap such a signal, which also holds elsewhere. The second test
# is made only for signals that the first one names: a signal that is sent meanwhile would be lost.
presence_signals() {
  unset PRESENCE_IGNORED
  presence_mask=-1
  # shellcheck disable=SC2086 # The fields are words.
  if read -r presence_stat 2>/dev/null </proc/self/stat; then presence_mask_of ${presence_stat##*) }; fi
  [ "$presence_mask" != 0 ] || return 0
  presence_ignored=
  for presence_name in 1=HUP 2=INT 3=QUIT 10=USR1 12=USR2 13=PIPE 14=ALRM 15=TERM 20=TSTP 21=TTIN 22=TTOU 24=XCPU \
    25=XFSZ; do
    [ $((presence_mask >> (${presence_name%=*} - 1) & 1)) = 1 ] || continue
    presence_name=${presence_name#*=}
    presence_got=
    trap 'presence_got=1' "$presence_name"
    kill -s "$presence_name" $$
    trap - "$presence_name"
    [ -n "$presence_got" ] || presence_ignored="$presence_ignored $presence_name"
  done
  [ -z "$presence_ignored" ] || export PRESENCE_IGNORED="${presence_ignored# }"
}

# proc_pid_stat(5): the signals that are ignored are the 31st field after the name in parentheses.
presence_mask_of() {
  shift 30
  presence_mask=$1
}

# Sets presence_why if Node can't start within the limits of this process (ulimit): it would crash. Looked at only for
# `presence run`, whose command needs no Node.
presence_limits() {
  case " $* " in *' run '*) ;; *) return 0 ;; esac
  # shellcheck disable=SC2046,SC3045 # Two words; dash, bash, busybox and ksh have both limits.
  presence_below $(ulimit -n 2>/dev/null) $(ulimit -v 2>/dev/null)
}

# presence_below <open files> <KiB of memory>: each is a number, or `unlimited`.
presence_below() {
  case ${1-} in '' | *[!0-9]*) ;; *) [ "$1" -ge 32 ] || presence_why="Node can't start with a limit of $1 open files (ulimit -n); raise the limit" ;; esac
  case ${2-} in '' | *[!0-9]*) ;; *) [ "$2" -ge 2000000 ] || presence_why="Node can't start with $2 KiB of memory (ulimit -v); raise the limit" ;; esac
}

# presence_without <why> <arguments of presence>: Node can't run presence. Says so, as presence would. `presence run`
# then runs its command anyway (G7), unless it was to hold something exclusively. Anything else exits 2.
presence_without() {
  presence_why=$1
  shift
  presence_asked "$@"
  printf 'presence: %s%s\n' "${presence_labels:+NOT claimed $presence_labels: }" "$presence_why" >&2
  if [ "$presence_verb" = run ]; then
    presence_run_anyway "$@"
  elif [ -n "$presence_json" ]; then
    # Only what needs no escaping in JSON.
    case $presence_why in *[!A-Za-z0-9_.:\;\'\(\)@/\ -]*) presence_why='presence is not complete; build it' ;; esac
    printf '{"error":{"code":"cannot_start","message":"%s","remedy":"%s"}}\n' \
      "${presence_why%%; *}" "${presence_why##*; }"
  fi
  exit 2
}

# presence_asked <arguments of presence>: sets presence_verb, presence_labels to what a claim, run or steal was to claim,
# and presence_json if the answer was to be JSON.
presence_asked() {
  presence_verb=
  presence_labels=
  presence_json=
  while [ $# -gt 0 ]; do
    presence_word=$1
    case $1 in
      --claim | --purpose | --reason | --ttl | --wait | --dsn | --session)
        [ $# -gt 1 ] || break
        presence_word=$1=$2
        shift
        ;;
    esac
    case $presence_verb:$presence_word in
      run:--claim=*) presence_labels="${presence_labels:+$presence_labels, }${presence_word#*=}" ;;
      run:-- | run:[!-]*) break ;;
      claim:[!-]* | steal:[!-]*) presence_labels=${presence_labels:-$presence_word} ;;
      :[!-]*) presence_verb=$presence_word ;;
      *:--json) presence_json=1 ;;
    esac
    shift
  done
  case $presence_labels in *[[:cntrl:]]*) presence_labels='what you asked for' ;; esac
}

# presence_run_anyway <arguments of presence>: starts the command of a shared `presence run`, or returns.
presence_run_anyway() {
  presence_purpose=
  while [ "$1" != run ]; do
    case $1 in
      --dsn | --session) shift ;;
      --dsn=* | --session=*) ;;
      *) return 0 ;;
    esac
    shift
  done
  shift
  while [ $# -gt 0 ]; do
    presence_word=$1
    case $1 in
      --claim | --purpose | --ttl | --wait | --dsn | --session)
        [ $# -gt 1 ] || return 0
        presence_word=$1=$2
        shift
        ;;
    esac
    case $presence_word in
      --purpose=*) presence_purpose=${presence_word#*=} ;;
      --claim=* | --ttl=* | --wait=* | --dsn=* | --session=*) ;;
      --) shift && break ;;
      -*) return 0 ;;
      *) break ;;
    esac
    shift
  done
  [ -z "${1-}" ] || [ -z "$presence_labels" ] || [ -z "$presence_purpose" ] || exec "$@"
}

# Undoes presence_environment, for a program that is started in place of Node.
presence_give_back() {
  unset NODE_COMPILE_CACHE NODE_NO_WARNINGS
  for presence_name in $presence_kept; do
    eval "presence_value=\${PRESENCE_KEPT_$presence_name-}"
    unset "PRESENCE_KEPT_$presence_name"
    [ -z "$presence_value" ] || export "$presence_name=$presence_value"
  done
}
