import { MESSAGES_KEPT_SECONDS, WORK_KEPT_SECONDS } from '../../domain/limits.ts'
import type { Said } from '../../domain/operation.ts'
import type { Coordination } from '../port/coordination.ts'
import type { Database, Values } from '../sql/database.ts'
import { columnsOfState, SqlComponents, setSql } from './components.ts'
import { columnsOfMessage, SqlMessages, sendSql } from './messages.ts'
import type { Terms } from './terms.ts'
import { SqlItems, SqlWorkflows } from './work.ts'

/** Messages, components and work, in any SQL database. */
export function coordinationOn(database: Database, terms: Terms): Coordination {
  return {
    messages: new SqlMessages(database, terms),
    components: new SqlComponents(database, terms),
    workflows: new SqlWorkflows(database, terms),
    items: new SqlItems(database, terms),
  }
}

type SaidOfWork = Extract<Said, { verb: 'message' | 'component' }>

/** The statements for an outbox entry, as of `:said_at`. */
export function replayOf(
  operation: SaidOfWork,
  terms: Terms,
): { readonly statements: readonly string[]; readonly values: Values } {
  const { id, session } = operation
  if (operation.verb === 'message') {
    const { to, project, kind, subject, body } = operation
    const values = columnsOfMessage({ id, from: session.id, to, project, kind, subject, body })
    return { statements: [sendSql(terms, terms.saidThen)], values }
  }
  const { project, component, state, version, notes } = operation
  const values = columnsOfState({ id, project, component, state, version, notes, updatedBy: session.id })
  return { statements: setSql(terms, terms.saidThen), values }
}

const ENDED = `status IN ('completed', 'cancelled')`

/** Deletes a batch of rows whose retention is over. A workflow is deleted after its items. */
export function pruneSql({ deleteSome, ago, atSchema }: Terms): readonly string[] {
  const before = (column: string, seconds: number) => `${column} < ${ago(seconds)} AND ${atSchema}`
  return [
    deleteSome('presence_messages', before('sent_at', MESSAGES_KEPT_SECONDS)),
    deleteSome('presence_message_reads', before('read_at', MESSAGES_KEPT_SECONDS)),
    deleteSome('presence_component_history', before('updated_at', WORK_KEPT_SECONDS)),
    deleteSome('presence_work_items', `${ENDED} AND ${before('updated_at', WORK_KEPT_SECONDS)}`),
    deleteSome(
      'presence_workflows',
      `${ENDED} AND ${before('updated_at', WORK_KEPT_SECONDS)} AND NOT EXISTS (
         SELECT 1 FROM presence_work_items WHERE presence_work_items.workflow_id = presence_workflows.id)`,
    ),
  ]
}
