import type { Deadline } from '../../deadline.ts'
import { BROADCAST_NEWS_SECONDS, MESSAGES_KEPT_SECONDS } from '../../domain/limits.ts'
import type { Received } from '../../domain/message.ts'
import { listOf } from '../list-of.ts'
import type { Addressee, InboxFilter, Messages, NewMessage, Read } from '../port/coordination.ts'
import type { Database, Values } from '../sql/database.ts'
import { type AnyMessageRow, toReceived } from './rows.ts'
import type { Terms } from './terms.ts'

const COLUMNS = ['id', 'from_session', 'to_session', 'project_key', 'kind', 'subject', 'body']

/** @param at SQL for the time of sending */
export const sendSql = ({ insertIgnore, onBoard }: Terms, at: string) =>
  `${insertIgnore} INTO presence_messages (${COLUMNS.join(', ')}, sent_at)
   SELECT ${COLUMNS.map(column => `:${column}`).join(', ')}, ${at} ${onBoard}`

export function columnsOfMessage({ id, from, to, project, kind, subject, body }: NewMessage) {
  return {
    id,
    from_session: from,
    to_session: to ?? null,
    project_key: project ?? null,
    kind,
    subject,
    body,
  }
}

/**
 * A broadcast counts as unread if it was sent within a day, or after the session started. This uses OR
 * instead of comparing with the earlier of the two times, because Dolt's COALESCE turns a time into text, and
 * its LEAST then turns that into a number.
 */
const isNews = ({ ago }: Terms) => `(sent.sent_at > ${ago(BROADCAST_NEWS_SECONDS)} OR EXISTS (
  SELECT 1 FROM presence_sessions WHERE session_id = :session_id AND started_at <= sent.sent_at))`

const UNREAD = 'been.read_at IS NULL AND sent.from_session <> :session_id'
const isUnread = (terms: Terms) => `${UNREAD}
  AND (sent.to_session = :session_id OR (sent.to_session IS NULL AND ${isNews(terms)}))`

/** Messages as the session sees them: `sent`, with `been` for those that it has read. */
const seen = (messages = 'presence_messages') => `${messages} AS sent LEFT JOIN presence_message_reads AS been
  ON been.message_id = sent.id AND been.session_id = :session_id`
const SEEN = seen()

/**
 * The messages that may be unread, one part per index: a single condition with OR would read every message of
 * the last 30 days. The hint makes Dolt read the session first: if it started within the last day, no older
 * broadcast can be unread, and the last part reads nothing.
 */
const newsParts = ({ ago }: Terms) => {
  const aDayAgo = ago(BROADCAST_NEWS_SECONDS)
  const hint = '/*+ JOIN_ORDER(me, sent, been) */'
  return [
    { hint: '', from: SEEN, where: 'sent.to_session = :session_id' },
    { hint: '', from: SEEN, where: `sent.to_session IS NULL AND sent.sent_at > ${aDayAgo}` },
    {
      hint,
      from: `presence_sessions AS me CROSS JOIN ${SEEN}`,
      where: `me.session_id = :session_id AND me.started_at <= ${aDayAgo} AND sent.to_session IS NULL
        AND sent.sent_at >= me.started_at AND sent.sent_at <= ${aDayAgo}`,
    },
  ]
}

const select = (
  terms: Terms,
  unread = `CASE WHEN ${isUnread(terms)} THEN 1 ELSE 0 END`,
  { hint, from } = { hint: '', from: SEEN },
) =>
  `SELECT ${hint} ${COLUMNS.map(column => `sent.${column} AS ${column}`).join(', ')},
     ${terms.time('sent.sent_at')} AS sent_at, ${terms.time('been.read_at')} AS been_read_at,
     ${unread} AS unread, ${terms.header} FROM ${from}`

/**
 * A row without a message, which only carries the header. Usually nothing is unread, and reading the header
 * separately would cost a round trip. The row sorts last.
 */
const noMessage = ({ header }: Terms) =>
  `SELECT ${COLUMNS.map(column => `${column === 'to_session' ? 'NULL' : "''"} AS ${column}`).join(', ')}, NULL AS sent_at, NULL AS been_read_at, 0 AS unread, ${header}`

/** Direct messages and broadcasts: each part uses its own index. */
const PARTS = [
  'sent.to_session = :session_id',
  'sent.to_session IS NULL AND sent.from_session <> :session_id',
]

export class SqlMessages implements Messages {
  readonly #database: Database
  readonly #terms: Terms

  constructor(database: Database, terms: Terms) {
    this.#database = database
    this.#terms = terms
  }

  async send(message: NewMessage, deadline: Deadline): Promise<void> {
    const terms = this.#terms
    await this.#database.writeChecked(sendSql(terms, terms.now), columnsOfMessage(message), deadline)
  }

  async find(ids: readonly string[], sessionId: string, deadline: Deadline): Promise<Read<Received>> {
    // At most 500 ids (see `markRead`).
    const list = listOf('id', ids)
    const mayRead = `(sent.to_session IS NULL OR sent.to_session = :session_id OR sent.from_session = :session_id)`
    const sql = `${select(this.#terms)} WHERE sent.id IN (${list.sql}) AND ${mayRead}`
    return this.#read(sql, { ...list.values, session_id: sessionId }, deadline)
  }

  async addressee(id: string, deadline: Deadline): Promise<Addressee | undefined> {
    const sql = `SELECT to_session, ${this.#terms.header} FROM presence_messages WHERE id = :id`
    const { rows } = await this.#database.readAt<{ to_session: string | null }>(sql, { id }, deadline)
    const [row] = rows
    if (!row) return undefined
    return row.to_session === null
      ? { toMany: true, session: undefined }
      : { toMany: false, session: String(row.to_session) }
  }

  async inbox(filter: InboxFilter, deadline: Deadline): Promise<Read<Received>> {
    const terms = this.#terms
    const order = 'ORDER BY sent_at DESC, id DESC LIMIT :rows'
    const { where, values } = this.#within(filter)
    if (filter.unreadOnly) {
      // Hooks ask this before each turn. Every row found here is unread, so no condition is computed per row,
      // and Dolt takes a third of the time.
      const unread = newsParts(terms).map(
        part => `${select(terms, '1', part)} WHERE ${part.where} AND ${UNREAD} AND ${where}`,
      )
      const parts = [...unread, noMessage(terms)].join(' UNION ALL ')
      // NULL sorts last: the broadcasts, and the row that only carries the header.
      const toMeFirst = filter.except ? order.replace('BY', 'BY to_session DESC,') : order
      const { rows, asOf } = await this.#read(`${parts} ${toMeFirst}`, values, deadline)
      return { rows: rows.filter(({ id }) => id !== ''), asOf }
    }
    // Read the page first, then which of its messages the session has read.
    const parts = PARTS.map(part => {
      const page = `(SELECT sent.* FROM presence_messages AS sent WHERE ${part} AND ${where} ${order})`
      return select(terms, undefined, { hint: '', from: seen(page) })
    })
    return this.#read(`SELECT * FROM (${parts.join(' UNION ALL ')}) AS found ${order}`, values, deadline)
  }

  async unread(sessionId: string, project: string | undefined, deadline: Deadline): Promise<number> {
    const terms = this.#terms
    const inProject = project === undefined ? '' : `AND ${ofProject}`
    const counts = newsParts(terms).map(
      ({ hint, from, where }) => `SELECT ${hint} COUNT(*) AS count, ${terms.header} FROM ${from}
        WHERE ${where} AND ${UNREAD} AND ${this.#kept()} ${inProject}`,
    )
    const values = { session_id: sessionId, ...(project === undefined ? {} : { project_key: project }) }
    const { rows } = await this.#database.readAt<{ count: number | string }>(
      counts.join(' UNION ALL '),
      values,
      deadline,
    )
    return rows.reduce((sum, { count }) => sum + Number(count), 0)
  }

  async markRead(sessionId: string, ids: readonly string[] | undefined, deadline: Deadline): Promise<number> {
    const terms = this.#terms
    // The caller limits the number of ids to 500.
    const list = ids && listOf('id', ids)
    const parts = list
      ? [{ hint: '', from: SEEN, where: `sent.id IN (${list.sql}) AND been.read_at IS NULL` }]
      : newsParts(terms).map(part => ({ ...part, where: `${part.where} AND ${UNREAD}` }))
    const unread = parts.map(
      ({ hint, from, where }) =>
        `SELECT ${hint} sent.id AS id FROM ${from} WHERE ${where} AND ${this.#kept()}`,
    )
    const sql = `${terms.insertIgnore} INTO presence_message_reads (message_id, session_id, read_at)
      SELECT unread.id, :session_id, ${terms.now} FROM (${unread.join(' UNION ALL ')}) AS unread
      WHERE ${terms.atSchema}`
    return this.#database.writeChecked(sql, { ...list?.values, session_id: sessionId }, deadline)
  }

  #within({ sessionId, project, kinds, rows, before, except = [] }: InboxFilter): {
    readonly where: string
    readonly values: Values
  } {
    const list = kinds && listOf('kind', kinds)
    // At most 500 ids, which the reader has already received. CONCAT keeps Dolt from building index ranges
    // from the list, which takes quadratic time.
    const without = except.length > 0 ? listOf('except', except) : undefined
    const [[sentAt = 0] = [], id = ''] = before ?? []
    const where = [
      this.#kept(),
      ...(project === undefined ? [] : [ofProject]),
      ...(list ? [`sent.kind IN (${list.sql})`] : []),
      ...(without ? [`CONCAT(sent.id, '') NOT IN (${without.sql})`] : []),
      ...(before ? ['(sent.sent_at < :before OR (sent.sent_at = :before AND sent.id < :before_id))'] : []),
    ].join(' AND ')
    const values = {
      session_id: sessionId,
      rows,
      ...(project === undefined ? {} : { project_key: project }),
      ...list?.values,
      ...without?.values,
      ...(before ? { before: this.#database.moment(sentAt), before_id: id } : {}),
    }
    return { where, values }
  }

  #kept(): string {
    return `sent.sent_at > ${this.#terms.ago(MESSAGES_KEPT_SECONDS)}`
  }

  async #read(sql: string, values: Values, deadline: Deadline): Promise<Read<Received>> {
    const { rows, asOf } = await this.#database.readAt<AnyMessageRow>(sql, values, deadline)
    return { rows: rows.map(toReceived), asOf }
  }
}

/**
 * A direct message belongs to every project; a broadcast belongs to its own project, or to all if it names
 * none.
 */
const ofProject =
  '(sent.to_session IS NOT NULL OR sent.project_key IS NULL OR sent.project_key = :project_key)'
