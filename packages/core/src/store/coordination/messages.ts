import type { Deadline } from '../../deadline.ts'
import { BROADCAST_NEWS_SECONDS, MESSAGES_KEPT_SECONDS } from '../../domain/limits.ts'
import type { Received } from '../../domain/message.ts'
import { listOf } from '../list-of.ts'
import type { Addressee, InboxFilter, Messages, NewMessage, Read } from '../port.ts'
import type { Engine, Terms, Values } from './engine.ts'
import { type AnyMessageRow, toReceived } from './rows.ts'

const COLUMNS = ['id', 'from_session', 'to_session', 'project_key', 'kind', 'subject', 'body']

/** @param at when it is sent */
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
 * A message to many is news for a day, or since the session is there. OR, where the earlier of the two would say the same:
 * Dolt's COALESCE makes a text of a time, and its LEAST then a number.
 */
const isNews = ({ ago }: Terms) => `(sent.sent_at > ${ago(BROADCAST_NEWS_SECONDS)} OR EXISTS (
  SELECT 1 FROM presence_sessions WHERE session_id = :session_id AND started_at <= sent.sent_at))`

const UNREAD = 'been.read_at IS NULL AND sent.from_session <> :session_id'
const isUnread = (terms: Terms) => `${UNREAD}
  AND (sent.to_session = :session_id OR (sent.to_session IS NULL AND ${isNews(terms)}))`

/** Messages as the session finds them: `sent`, and `been` where it has read them. */
const SEEN = `presence_messages AS sent LEFT JOIN presence_message_reads AS been
  ON been.message_id = sent.id AND been.session_id = :session_id`

const select = (terms: Terms, unread = `CASE WHEN ${isUnread(terms)} THEN 1 ELSE 0 END`) =>
  `SELECT ${COLUMNS.map(column => `sent.${column} AS ${column}`).join(', ')},
     ${terms.time('sent.sent_at')} AS sent_at, ${terms.time('been.read_at')} AS been_read_at,
     ${unread} AS unread, ${terms.header} FROM ${SEEN}`

/** Carries the header where nothing else does, which is the usual case: to ask for it alone is a round trip. It comes last. */
const noMessage = ({ header }: Terms) =>
  `SELECT ${COLUMNS.map(column => `${column === 'to_session' ? 'NULL' : "''"} AS ${column}`).join(', ')}, NULL AS sent_at, NULL AS been_read_at, 0 AS unread, ${header}`

/** Those to the session, and those to many: each part by an index of its own. */
const PARTS = [
  'sent.to_session = :session_id',
  'sent.to_session IS NULL AND sent.from_session <> :session_id',
]

export class SqlMessages implements Messages {
  readonly #engine: Engine

  constructor(engine: Engine) {
    this.#engine = engine
  }

  async send(message: NewMessage, deadline: Deadline): Promise<void> {
    const { terms } = this.#engine
    await this.#engine.write(sendSql(terms, terms.now), columnsOfMessage(message), deadline)
  }

  async find(ids: readonly string[], sessionId: string, deadline: Deadline): Promise<Read<Received>> {
    const list = listOf('id', ids)
    const mayRead = `(sent.to_session IS NULL OR sent.to_session = :session_id OR sent.from_session = :session_id)`
    const sql = `${select(this.#engine.terms)} WHERE sent.id IN (${list.sql}) AND ${mayRead}`
    return this.#read(sql, { ...list.values, session_id: sessionId }, deadline)
  }

  async addressee(id: string, deadline: Deadline): Promise<Addressee | undefined> {
    const sql = `SELECT to_session, ${this.#engine.terms.header} FROM presence_messages WHERE id = :id`
    const { rows } = await this.#engine.readAt<{ to_session: string | null }>(sql, { id }, deadline)
    const [row] = rows
    if (!row) return undefined
    return row.to_session === null
      ? { toMany: true, session: undefined }
      : { toMany: false, session: String(row.to_session) }
  }

  async inbox(filter: InboxFilter, deadline: Deadline): Promise<Read<Received>> {
    const { terms } = this.#engine
    const order = 'ORDER BY sent_at DESC, id DESC LIMIT :rows'
    const { where, values } = this.#within(filter)
    if (filter.unreadOnly) {
      // What hooks ask before each turn: of few rows, nothing is asked of each, which takes Dolt a third of the time.
      const news = [PARTS[0], `sent.to_session IS NULL AND ${isNews(terms)}`]
      const unread = news.map(part => `${select(terms, '1')} WHERE ${part} AND ${UNREAD} AND ${where}`)
      const parts = [...unread, noMessage(terms)].join(' UNION ALL ')
      // Nobody is the last of all sessions: what is to many, and what carries the header.
      const toMeFirst = filter.except ? order.replace('BY', 'BY to_session DESC,') : order
      const { rows, asOf } = await this.#read(`${parts} ${toMeFirst}`, values, deadline)
      return { rows: rows.filter(({ id }) => id !== ''), asOf }
    }
    const parts = PARTS.map(
      part => `SELECT * FROM (${select(terms)} WHERE ${part} AND ${where} ${order}) AS part`,
    )
    return this.#read(`SELECT * FROM (${parts.join(' UNION ALL ')}) AS found ${order}`, values, deadline)
  }

  async unread(sessionId: string, project: string | undefined, deadline: Deadline): Promise<number> {
    const { terms } = this.#engine
    const inProject = project === undefined ? '' : `AND ${ofProject}`
    const counts = PARTS.map(
      part => `SELECT COUNT(*) AS count, ${terms.header} FROM ${SEEN}
        WHERE ${part} AND ${isUnread(terms)} AND ${this.#kept()} ${inProject}`,
    )
    const values = { session_id: sessionId, ...(project === undefined ? {} : { project_key: project }) }
    const { rows } = await this.#engine.readAt<{ count: number | string }>(
      counts.join(' UNION ALL '),
      values,
      deadline,
    )
    return rows.reduce((sum, { count }) => sum + Number(count), 0)
  }

  async markRead(sessionId: string, ids: readonly string[] | undefined, deadline: Deadline): Promise<number> {
    const { terms } = this.#engine
    const list = ids && listOf('id', ids)
    const which = list ? `sent.id IN (${list.sql})` : isUnread(terms)
    const sql = `${terms.insertIgnore} INTO presence_message_reads (message_id, session_id, read_at)
      SELECT sent.id, :session_id, ${terms.now} FROM ${SEEN}
      WHERE ${which} AND been.read_at IS NULL AND ${this.#kept()} AND ${terms.atSchema}`
    return this.#engine.write(sql, { ...list?.values, session_id: sessionId }, deadline)
  }

  #within({ sessionId, project, kinds, rows, before, except = [] }: InboxFilter): {
    readonly where: string
    readonly values: Values
  } {
    const list = kinds && listOf('kind', kinds)
    const without = except.length > 0 ? listOf('except', except) : undefined
    const [[sentAt = 0] = [], id = ''] = before ?? []
    const where = [
      this.#kept(),
      ...(project === undefined ? [] : [ofProject]),
      ...(list ? [`sent.kind IN (${list.sql})`] : []),
      ...(without ? [`sent.id NOT IN (${without.sql})`] : []),
      ...(before ? ['(sent.sent_at < :before OR (sent.sent_at = :before AND sent.id < :before_id))'] : []),
    ].join(' AND ')
    const values = {
      session_id: sessionId,
      rows,
      ...(project === undefined ? {} : { project_key: project }),
      ...list?.values,
      ...without?.values,
      ...(before ? { before: this.#engine.moment(sentAt), before_id: id } : {}),
    }
    return { where, values }
  }

  #kept(): string {
    return `sent.sent_at > ${this.#engine.terms.ago(MESSAGES_KEPT_SECONDS)}`
  }

  async #read(sql: string, values: Values, deadline: Deadline): Promise<Read<Received>> {
    const { rows, asOf } = await this.#engine.readAt<AnyMessageRow>(sql, values, deadline)
    return { rows: rows.map(toReceived), asOf }
  }
}

/** What is to one session is for it whatever the project; what is to many, of this project or of none. */
const ofProject =
  '(sent.to_session IS NOT NULL OR sent.project_key IS NULL OR sent.project_key = :project_key)'
