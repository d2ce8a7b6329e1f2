import type { Deadline } from '../../deadline.ts'
import type { Lock } from '../../domain/lock.ts'
import type { Session } from '../../domain/session.ts'
import { newKey } from '../../domain/write-key.ts'
import { columnsOfCall, columnsOfClearing, columnsOfOwn, columnsOfTakeOver } from '../columns.ts'
import type { Locks, MakesWay, OwnClaim, Waiter } from '../port/locks.ts'
import type { Once } from '../port/once.ts'
import { type AnyLockRow, toLock } from '../rows.ts'
import type { Database } from './database.ts'
import type { LockStatements, Statements, WaiterStatements } from './statements.ts'

type Taking = Parameters<Locks['take']>[1]

export class SqlLocks implements Locks {
  readonly #database: Database
  readonly #locks: LockStatements
  readonly #waiters: WaiterStatements

  constructor(database: Database, { locks, waiters }: Pick<Statements, 'locks' | 'waiters'>) {
    this.#database = database
    this.#locks = locks
    this.#waiters = waiters
  }

  async take(own: OwnClaim, { writeKey, overShared, waiter }: Taking, deadline: Deadline): Promise<void> {
    const values = {
      ...columnsOfOwn(own),
      write_key: writeKey,
      waiter_id: waiter?.id ?? '',
      over_shared: Number(overShared),
      tentative: 1,
    }
    await this.#database.write(this.#locks.take, values, deadline)
  }

  async takeOver(
    own: OwnClaim,
    how: Omit<Taking, 'waiter'>,
    from: MakesWay,
    deadline: Deadline,
    once?: Once,
  ): Promise<void> {
    const { takeOver, noteTaken } = this.#locks
    const values = columnsOfTakeOver(own, how, from)
    if (!once) await this.#database.transaction(takeOver, values, deadline)
    else {
      const noted = columnsOfCall(once.key, how.writeKey, once)
      await this.#database.transaction([...takeOver, noteTaken], { ...values, ...noted }, deadline, true)
    }
  }

  async clear(
    by: Session,
    from: Parameters<Locks['clear']>[1],
    writeKey: string,
    deadline: Deadline,
  ): Promise<void> {
    await this.#database.transaction(this.#locks.clear, columnsOfClearing(by, from, writeKey), deadline)
  }

  async make(label: string, deadline: Deadline): Promise<void> {
    await this.#database.writeChecked(this.#locks.make, { resource_label: label }, deadline)
  }

  async read(label: string, waiter: Waiter | undefined, deadline: Deadline): Promise<Lock | undefined> {
    const values = { resource_label: label, waiter_id: waiter?.id ?? '' }
    type Row = AnyLockRow & { readonly read_at: Date | number }
    const [row] = await this.#database.read<Row>(this.#locks.read, values, deadline)
    return row && toLock(row, new Date(row.read_at))
  }

  async renew(own: OwnClaim, token: number, deadline: Deadline): Promise<void> {
    await this.#database.write(this.#locks.renew, { ...columnsOfOwn(own), token }, deadline)
  }

  extend(
    sessionId: string,
    only: { readonly label: string; readonly token: number } | undefined,
    deadline: Deadline,
  ): Promise<number> {
    const { extend, extendAll } = this.#locks
    if (!only) return this.#database.write(extendAll, { session_id: sessionId }, deadline)
    const values = { session_id: sessionId, resource_label: only.label, token: only.token }
    return this.#database.write(extend, values, deadline)
  }

  /**
   * If nothing was freed, also reads the row: an earlier try of the same statement may have freed the label,
   * and its answer may have been lost.
   */
  async free(
    sessionId: string,
    { label, token, writeKey }: Parameters<Locks['free']>[1],
    deadline: Deadline,
  ): Promise<number> {
    // The same for each attempt of a call that has its own key, so that a later attempt finds what an earlier one did.
    const freedKey = writeKey === undefined ? newKey() : `freed-${writeKey}`.slice(0, 64)
    const sql = [
      this.#locks.free,
      ...(label === undefined ? [] : ['AND resource_label = :resource_label']),
      ...(token === undefined ? [] : ['AND token = :token']),
      ...(writeKey === undefined ? [] : ['AND nonce = :write_key']),
    ].join(' ')
    const only = { resource_label: label ?? null, token: token ?? null, write_key: writeKey ?? null }
    const values = { session_id: sessionId, freed_key: freedKey, ...only }
    const freed = await this.#database.write(sql, values, deadline)
    if (freed > 0 || label === undefined) return freed
    return (await this.read(label, undefined, deadline))?.writeKey === freedKey ? 1 : 0
  }

  async confirm(label: string, sessionId: string, writeKey: string, deadline: Deadline): Promise<boolean> {
    const values = { resource_label: label, session_id: sessionId, write_key: writeKey }
    return (await this.#database.write(this.#locks.confirm, values, deadline)) > 0
  }

  async dropTentative(label: string, writeKey: string, deadline: Deadline): Promise<void> {
    const values = { resource_label: label, write_key: writeKey }
    await this.#database.write(this.#locks.dropTentative, values, deadline)
  }

  async takeBack(label: string, sessionId: string, writeKey: string, deadline: Deadline): Promise<void> {
    const values = { resource_label: label, session_id: sessionId, write_key: writeKey }
    await this.#database.write(this.#locks.takeBack, values, deadline)
  }

  async wait(label: string, { id, sessionId }: Waiter, deadline: Deadline): Promise<void> {
    const values = { resource_label: label, waiter_id: id, session_id: sessionId }
    await this.#database.writeChecked(this.#waiters.wait, values, deadline)
  }

  async leave(label: string, { id, sessionId }: Waiter, deadline: Deadline): Promise<void> {
    const values = { resource_label: label, waiter_id: id, session_id: sessionId }
    await this.#database.write(this.#waiters.leave, values, deadline)
  }
}
