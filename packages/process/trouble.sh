#!/bin/sh
# What the launchers do if presence can't run on this machine: they tell the agent, or the MCP client, in its own
# protocol. Sourced by the launchers, and copied into the command of one file (build/one-file.ts). Uses only what is
# part of the shell, because there may be no other program. Its names begin with `presence_`: see launch.sh.

presence_remedy='install Node 22.16 or newer'

# Sets `presence_trouble` to why "$presence_node" can't run presence; to nothing if it can.
presence_node_trouble() {
  presence_trouble=
  command -v "${presence_node:=node}" >/dev/null 2>&1 || {
    presence_trouble='there is no node on PATH'
    return
  }
  # The user's settings for other programs must not end it: see presence_environment.
  presence_version=$(unset NODE_OPTIONS NODE_ICU_DATA && "$presence_node" --version 2>/dev/null </dev/null) || presence_version=
  presence_major=${presence_version#v}
  presence_minor=${presence_major#*.}
  presence_major=${presence_major%%.*}
  presence_minor=${presence_minor%%.*}
  case "$presence_major.$presence_minor" in
    .* | *. | *[!0-9.]* | *.*.*) presence_trouble='node does not start' ;;
    *)
      if [ "$presence_major" -lt 22 ] || { [ "$presence_major" -eq 22 ] && [ "$presence_minor" -lt 16 ]; }; then
        presence_trouble="Node $presence_major.$presence_minor is too old"
      fi
      ;;
  esac
}

# Says at the start of a session, in the agent's own form, that its hooks can't work. At other events the agent is
# told nothing: once is enough. $1: the event
presence_tell_agent() {
  # A reader that is gone must not end this shell.
  trap '' PIPE
  echo "presence-hook: $presence_trouble; $presence_remedy" >&2
  case $1 in
    SessionStart)
      presence_before='{"hookSpecificOutput":{"hookEventName":"SessionStart","additionalContext":"'
      presence_after='"}}'
      ;;
    sessionStart)
      presence_before='{"additional_context":"'
      presence_after='"}'
      ;;
    *) return ;;
  esac
  presence_told="Presence board: its hooks do not work on this machine: $presence_trouble. This session is not on the"
  presence_told="$presence_told board and is not told what others are changing. To fix this: $presence_remedy."
  printf '%s%s%s\n' "$presence_before" "$presence_told" "$presence_after"
}

# Answers every request of an MCP client with an error, until the client is gone. Without an answer, a client shows
# only that the connection failed.
presence_answer_mcp() {
  trap '' PIPE
  echo "presence: $presence_trouble; $presence_remedy" >&2
  while IFS= read -r presence_line; do
    presence_id=${presence_line#*\"id\":}
    [ "$presence_id" != "$presence_line" ] || continue
    presence_id=${presence_id%%[,\}]*}
    presence_id=${presence_id# }
    case $presence_id in
      \"*[!A-Za-z0-9_.:-]*\") continue ;;
      \"*\") ;;
      '' | *[!0-9]*) continue ;;
    esac
    printf '{"jsonrpc":"2.0","id":%s,"error":{"code":-32603,"message":"presence: %s; %s"}}\n' \
      "$presence_id" "$presence_trouble" "$presence_remedy" || return
  done
}
