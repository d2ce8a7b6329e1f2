import type { Deadline } from '../../deadline.ts'
import type { Lock } from '../../domain/lock.ts'
import type { Session } from '../../domain/session.ts'
import { columnsOfClearing, columnsOfOwn, columnsOfTakeOver, toLock } from '../columns.ts'
import type { Locks, MakesWay, OwnClaim, Waiter } from '../port.ts'
import type { LockRow } from '../tables/claims.ts'
import type { Database } from './database.ts'
import { locksSql, waitersSql } from './sql/locks.ts'

type Taking = Parameters<Locks['take']>[1]

export class MysqlLocks implements Locks {
  readonly #database: Database

  constructor(database: Database) {
    this.#database = database
  }

  async take(own: OwnClaim, { nonce, overShared, waiter }: Taking, deadline: Deadline): Promise<void> {
    const values = {
      ...columnsOfOwn(own),
      nonce,
      waiter_id: waiter?.id ?? '',
      over_shared: Number(overShared),
      tentative: 1,
    }
    await this.#database.write(locksSql.take, values, deadline)
  }

  takeOver(own: OwnClaim, how: Omit<Taking, 'waiter'>, from: MakesWay, deadline: Deadline): Promise<void> {
    return this.#database.transaction(locksSql.takeOver, columnsOfTakeOver(own, how, from), deadline)
  }

  clear(by: Session, from: Parameters<Locks['clear']>[1], nonce: string, deadline: Deadline): Promise<void> {
    return this.#database.transaction(locksSql.clear, columnsOfClearing(by, from, nonce), deadline)
  }

  make(label: string, deadline: Deadline): Promise<void> {
    return this.#database.writeOne(locksSql.make, { resource_label: label }, deadline)
  }

  async read(label: string, waiter: Waiter | undefined, deadline: Deadline): Promise<Lock | undefined> {
    const sql = locksSql.read({ resource_label: label, waiter_id: waiter?.id ?? '' })
    const [row] = await this.#database.read<LockRow & { ahead: number }>(sql, deadline)
    return row && toLock(row, row.read_at)
  }

  async renew(own: OwnClaim, token: number, deadline: Deadline): Promise<void> {
    await this.#database.write(locksSql.renew, { ...columnsOfOwn(own), token }, deadline)
  }

  extend(
    sessionId: string,
    only: { readonly label: string; readonly token: number } | undefined,
    deadline: Deadline,
  ): Promise<number> {
    const one = only && { resource_label: only.label, token: only.token }
    return this.#database.write(locksSql.extend, { session_id: sessionId, ...one }, deadline)
  }

  /**
   * Also reads the row: an earlier try of the same statement may have freed the label, and its answer may
   * have been lost.
   */
  async free(
    sessionId: string,
    { label, token, nonce }: Parameters<Locks['free']>[1],
    deadline: Deadline,
  ): Promise<number> {
    const key = freshKey()
    const values = {
      session_id: sessionId,
      freed_key: key,
      ...(label === undefined ? {} : { resource_label: label }),
      ...(token === undefined ? {} : { token }),
      ...(nonce === undefined ? {} : { nonce }),
    }
    const freed = await this.#database.write(locksSql.free, values, deadline)
    if (freed > 0 || label === undefined) return freed
    return (await this.read(label, undefined, deadline))?.nonce === key ? 1 : 0
  }

  async confirm(label: string, sessionId: string, nonce: string, deadline: Deadline): Promise<boolean> {
    const values = { resource_label: label, session_id: sessionId, nonce }
    return (await this.#database.write(locksSql.confirm, values, deadline)) > 0
  }

  async dropTentative(label: string, nonce: string, deadline: Deadline): Promise<void> {
    await this.#database.write(locksSql.dropTentative, { resource_label: label, nonce }, deadline)
  }

  async takeBack(label: string, sessionId: string, nonce: string, deadline: Deadline): Promise<void> {
    const values = { resource_label: label, session_id: sessionId, nonce }
    await this.#database.write(locksSql.takeBack, values, deadline)
  }

  wait(label: string, { id, sessionId }: Waiter, deadline: Deadline): Promise<void> {
    const values = { resource_label: label, waiter_id: id, session_id: sessionId }
    return this.#database.writeOne(waitersSql.wait, values, deadline)
  }

  async leave(label: string, { id, sessionId }: Waiter, deadline: Deadline): Promise<void> {
    const values = { resource_label: label, waiter_id: id, session_id: sessionId }
    await this.#database.write(waitersSql.leave, values, deadline)
  }
}

/** Differs from the key of any other write. Loading node:crypto would take 8 ms. */
function freshKey(): string {
  const random = () => Math.random().toString(36).slice(2)
  return `${process.pid.toString(36)}-${Date.now().toString(36)}-${random()}${random()}`.slice(0, 36)
}
