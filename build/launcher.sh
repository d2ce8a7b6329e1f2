#!/bin/sh
':' /*
# presence in one file: the command, the agents' hooks and the MySQL driver. A shell runs this part and then
# starts Node with the same file, for which all of this part is a comment.
case $0 in presence-hook | *[/]presence-hook) set -- hook "$@" ;; esac
taken=
if [ "${1-}" = hook ]; then
  shift
# throttle
  set -- hook "$@"
fi
command -v node >/dev/null || {
  echo 'presence: there is no node on PATH; install Node 22.16 or newer' >&2
  [ "${1-}" = hook ] && exit 0
  exit 3
}
# compile cache
if [ "${1-}" = hook ]; then unset NODE_OPTIONS; fi
# Set as an environment variable, because an older Node would reject the option before presence can report
# that Node is too old.
NODE_NO_WARNINGS=1 exec node "$0" "$@" ${taken:+"$taken"}
