#!/bin/sh
':' /*
# presence in one file: the command, the agents' hooks and the MySQL driver. A shell runs this part and then
# starts Node with the same file, for which all of this part is a comment.
case $0 in presence-hook | *[/]presence-hook) set -- hook "$@" ;; esac
presence_is_hook=
if [ "${1-}" = hook ]; then
  # A hook always exits 0: see packages/hooks/bin/presence-hook.
  trap 'exit 0' EXIT
  presence_is_hook=1
  shift
  event=${1-}
  # shellcheck disable=SC2034 # read by parts that are copied in
  { taken=; pf_payload=; }
# throttle
  case " $* " in *' --guard '*)
# prefilter
    pf_gate "$@"
    ;;
  esac
  set -- hook "$@"
fi
# launch
# trouble
# shellcheck disable=SC2034 # read by a part that is copied in
presence_node=node
if [ -n "$presence_is_hook" ]; then
  presence_environment
  # Set as an environment variable, because an older Node would reject the option before presence can report
  # that Node is too old.
  export NODE_NO_WARNINGS=1
  # shellcheck disable=SC2317 # called by a part that is copied in
  cannot() { :; }
  set -- "$0" "$@"
# run
  presence_tell_agent "$event"
  exit 0
fi
if [ "${1-}" = mcp ]; then
  presence_node_trouble
  # shellcheck disable=SC2154 # set by a part that is copied in
  if [ -n "$presence_trouble" ]; then
    presence_answer_mcp
    exit 3
  fi
fi
presence_why=
if [ -n "${PRESENCE_WITHOUT-}" ]; then
  # Node started, and was too old.
  presence_why=$PRESENCE_WITHOUT
  unset PRESENCE_WITHOUT
  presence_give_back
elif ! command -v node >/dev/null; then
  presence_why='there is no node on PATH; install Node 22.16 or newer'
fi
[ -n "$presence_why" ] || presence_limits "$@"
[ -z "$presence_why" ] || presence_without "$presence_why" "$@"
presence_signals
presence_environment
NODE_NO_WARNINGS=1 exec node "$0" "$@"
