import type { Deadline } from '../../deadline.ts'
import { momentOf } from '../../domain/claim.ts'
import {
  BACKGROUND_SECONDS,
  COMMANDS_KEPT_SECONDS,
  HELD_SECONDS,
  PAUSE_PASSED_SECONDS,
} from '../../domain/limits.ts'
import { newKey } from '../../domain/write-key.ts'
import { columnOfWriteKey, columnsOfSession } from '../columns.ts'
import type { Terms } from '../coordination/terms.ts'
import { lettersOf, listOf } from '../list-of.ts'
import type {
  AutomaticClaims,
  Call,
  CallMade,
  CommandEnd,
  Commands,
  GuardedCommand,
  StoredCommand,
  Tally,
} from '../port/commands.ts'
import type { CommandRow } from '../tables/claims.ts'
import { commandSql, type TALLIES } from './command-statements.ts'
import type { Database, Values } from './database.ts'
import type { Statements } from './statements.ts'

type StoredRow = Pick<
  CommandRow,
  'event_id' | 'resource_label' | 'decision' | 'reason' | 'state' | 'purpose'
> & {
  readonly started_at: Date | number
}
type TallyRow = { readonly [Column in (typeof TALLIES)[number]]: number | string } & {
  readonly kind: string
  readonly day: string | number
}

/** The guard's claims and commands, in any SQL database. */
export class SqlCommands implements Commands {
  readonly #database: Database
  readonly #sql: Statements
  readonly #shared: ReturnType<typeof commandSql>

  constructor(database: Database, statements: Statements) {
    this.#database = database
    this.#sql = statements
    this.#shared = commandSql(statements.terms)
  }

  async put(claims: AutomaticClaims, writeKey: string, deadline: Deadline): Promise<void> {
    const { labels } = claims
    const names = listOf('label', labels)
    const sql = this.#sql.claims.putAutomatic(Object.keys(names.values))
    await this.#database.writeChecked(sql, { ...valuesOf(claims, writeKey), ...names.values }, deadline)
  }

  async begin(claims: AutomaticClaims, writeKey: string, deadline: Deadline): Promise<void> {
    const labels = listOf('label', claims.labels)
    const values = { ...valuesOf(claims, writeKey), ...labels.values }
    await this.#database.write(this.#shared.begin(labels.sql), values, deadline)
  }

  async undo(sessionId: string, writeKey: string, deadline: Deadline): Promise<void> {
    const { takeBack, lapseAgain, removeUnclaimed } = this.#sql.claims
    const values = { session_id: sessionId, ...columnOfWriteKey(writeKey) }
    const statements = [takeBack, lapseAgain, removeUnclaimed].map(onEveryLabel)
    await this.#database.transaction(statements, values, deadline)
  }

  async add(call: CallMade, commands: readonly GuardedCommand[], deadline: Deadline): Promise<boolean> {
    const { claims, callId, subagent } = call
    const { insertIgnore, onBoard, now, after } = this.#sql.terms
    const values: Record<string, string | number | null> = {
      ...valuesOf(claims, ''),
      call_id: callId,
      subagent: subagent ?? null,
      attempt: newKey(),
    }
    const runs = after(claims.background ? BACKGROUND_SECONDS : ':ttl_seconds')
    const rows = commands.map((command, at) => {
      const { sql, values: own } = listOf(`of_${lettersOf(at)}`, columnsOf(command))
      Object.assign(values, own)
      const [event, label, kind, mode, decision, reason, proceeded, own_by, collided, state] = sql.split(', ')
      return `SELECT ${event}, :attempt, :session_id, :call_id, :subagent, ${label}, ${kind}, :purpose, ${mode}, ${decision},
        ${reason}, ${proceeded}, 0, ${own_by}, ${collided}, ${state}, ${now}, ${runs} ${onBoard}`
    })
    const sql = `${insertIgnore} INTO presence_commands
      (event_id, attempt, session_id, call_id, subagent, resource_label, kind, purpose, mode, decision, reason, proceeded,
       passed, covered_by, collided, state, started_at, runs_until) ${rows.join(' UNION ALL ')}`
    return (await this.#database.writeChecked(sql, values, deadline)) === commands.length
  }

  async of(call: Call, deadline: Deadline) {
    const found = await this.#database.readAt<StoredRow>(this.#shared.of, columnsOfCallMade(call), deadline)
    return { commands: found.rows.map(toStored), asOf: found.asOf }
  }

  async hasClaimed(call: Call, deadline: Deadline): Promise<boolean> {
    const rows = await this.#database.read(this.#shared.hasClaimed, columnsOfCallMade(call), deadline)
    return rows.length > 0
  }

  async pass(sessionId: string, labels: readonly string[], deadline: Deadline): Promise<void> {
    const names = listOf('label', labels)
    const values = { session_id: sessionId, ...names.values }
    await this.#database.write(this.#shared.pass(names.sql, PAUSE_PASSED_SECONDS), values, deadline)
  }

  async end(
    call: Call,
    commands: readonly StoredCommand[],
    { outcome, exitStatus }: CommandEnd,
    deadline: Deadline,
  ): Promise<void> {
    const labels = listOf(
      'label',
      commands.map(({ label }) => label),
    )
    const values = {
      ...columnsOfCallMade(call),
      ...labels.values,
      outcome,
      exit_status: exitStatus ?? null,
      purpose: commands[0]?.purpose ?? '',
      began_at: this.#database.moment(commands[0]?.startedAt.getTime() ?? 0),
    }
    await this.#database.write(this.#shared.end, values, deadline)
    if (outcome === 'failed') await this.#database.write(this.#shared.fail(labels.sql), values, deadline)
    await this.#database.write(this.#shared.settle(labels.sql), values, deadline)
  }

  async detach(call: Call, commands: readonly StoredCommand[], deadline: Deadline): Promise<void> {
    const labels = listOf(
      'label',
      commands.map(({ label }) => label),
    )
    const began = this.#database.moment(commands[0]?.startedAt.getTime() ?? 0)
    const values = { ...columnsOfCallMade(call), ...labels.values, began_at: began }
    await this.#database.write(this.#shared.detach, values, deadline)
    await this.#database.write(this.#shared.hold(labels.sql), values, deadline)
  }

  async markWrong(event: string, note: string | undefined, deadline: Deadline): Promise<boolean> {
    const values = { event_id: event, note: note ?? null }
    return (await this.#database.writeChecked(this.#shared.markWrong, values, deadline)) > 0
  }

  async tally(since: Date, deadline: Deadline) {
    const values = { since: this.#database.moment(since.getTime()) }
    const { rows, asOf } = await this.#database.readAt<TallyRow>(this.#shared.tally, values, deadline)
    return { tallies: rows.map(toTally), asOf }
  }
}

export function pruneCommandsSql({ deleteSome, ago, atSchema }: Terms): string {
  return deleteSome('presence_commands', `started_at < ${ago(COMMANDS_KEPT_SECONDS)} AND ${atSchema}`)
}

function valuesOf({ session, purpose, ttlSeconds, background }: AutomaticClaims, writeKey: string): Values {
  return {
    ...columnsOfSession(session),
    ...columnOfWriteKey(writeKey),
    purpose,
    ttl_seconds: ttlSeconds,
    live_seconds: background ? BACKGROUND_SECONDS : ttlSeconds,
    hold_seconds: background ? BACKGROUND_SECONDS : Math.max(HELD_SECONDS, ttlSeconds),
  }
}

/** A statement about one label, without its condition on the label. */
function onEveryLabel(sql: string): string {
  return sql.replace('AND resource_label = :resource_label', '')
}

/** In the order of the statement. */
function columnsOf({ event, label, kind, mode, decision, reason, proceeded, own, collided }: GuardedCommand) {
  const state = decision === 'refused' ? 'refused' : 'running'
  return [
    event,
    label,
    kind,
    mode,
    decision,
    reason ?? null,
    Number(proceeded),
    decision === 'refused' ? 'none' : own,
    Number(collided),
    state,
  ]
}

function columnsOfCallMade({ sessionId, callId }: Call): Values {
  return { session_id: sessionId, call_id: callId }
}

function toStored(row: StoredRow): StoredCommand {
  return {
    event: row.event_id,
    label: row.resource_label,
    decision: row.decision === 'refused' ? 'refused' : 'through',
    reason: row.reason ?? undefined,
    state: row.state,
    purpose: row.purpose,
    startedAt: momentOf(row.started_at),
  }
}

function toTally(row: TallyRow): Tally {
  const { kind, day } = row
  return {
    kind: String(kind),
    // A date, or the number of days since 1970.
    day: typeof day === 'number' ? new Date(day * 86_400_000) : momentOf(new Date(`${day}T00:00:00Z`)),
    changed: Number(row.changed),
    byHand: Number(row.by_hand),
    automatic: Number(row.automatic),
    collided: Number(row.met),
    paused: Number(row.paused),
    passed: Number(row.passed_pauses),
    proceeded: Number(row.went_on),
    refused: Number(row.refused),
    wrong: Number(row.reported),
  }
}
