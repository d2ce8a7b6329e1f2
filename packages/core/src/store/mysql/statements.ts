import type { Statements } from '../sql/statements.ts'
import { claimsSql, outboxSql } from './sql/claims.ts'
import { historySql } from './sql/history.ts'
import { locksSql, waitersSql } from './sql/locks.ts'
import { sessionsSql } from './sql/sessions.ts'
import { TERMS } from './sql/terms.ts'

export const STATEMENTS: Statements = {
  claims: claimsSql,
  sessions: sessionsSql,
  locks: locksSql,
  waiters: waitersSql,
  history: historySql,
  outbox: outboxSql,
  terms: TERMS,
}
