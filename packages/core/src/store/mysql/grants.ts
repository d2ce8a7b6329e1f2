/**
 * The privileges that an account needs for every verb except `migrate`. The tables are listed one by one,
 * because `%` in a grant on a table is an ordinary character.
 */
export const CLIENT_GRANTS: readonly (readonly [table: string, privileges: string])[] = [
  ['presence_claims', 'SELECT, INSERT, UPDATE, DELETE'],
  ['presence_replays', 'SELECT, INSERT, UPDATE, DELETE'],
  ['presence_sessions', 'SELECT, INSERT, UPDATE, DELETE'],
  ['presence_session_tokens', 'SELECT, INSERT, UPDATE, DELETE'],
  ['presence_locks', 'SELECT, INSERT, UPDATE'],
  ['presence_ended', 'SELECT, INSERT, UPDATE, DELETE'],
  ['presence_waiters', 'SELECT, INSERT, UPDATE, DELETE'],
  ['presence_events', 'SELECT, INSERT, DELETE'],
  ['presence_commands', 'SELECT, INSERT, UPDATE, DELETE'],
  ['presence_messages', 'SELECT, INSERT, DELETE'],
  ['presence_message_reads', 'SELECT, INSERT, DELETE'],
  ['presence_components', 'SELECT, INSERT, UPDATE'],
  ['presence_component_history', 'SELECT, INSERT, DELETE'],
  ['presence_workflows', 'SELECT, INSERT, UPDATE, DELETE'],
  ['presence_work_items', 'SELECT, INSERT, UPDATE, DELETE'],
  ['presence_migrations', 'SELECT'],
]
