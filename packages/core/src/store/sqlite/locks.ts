import type { Deadline } from '../../deadline.ts'
import type { Lock } from '../../domain/lock.ts'
import type { Session } from '../../domain/session.ts'
import { columnsOfClearing, columnsOfOwn, columnsOfTakeOver, toLock } from '../columns.ts'
import type { Locks, MakesWay, OwnClaim, Waiter } from '../port.ts'
import type { LockRow } from '../tables/claims.ts'
import type { Database } from './database.ts'
import {
  CLEAR,
  CONFIRM,
  DROP_TENTATIVE,
  EXTEND_LOCKS,
  FREE,
  LEAVE,
  MAKE_LOCK,
  READ_LOCK,
  RENEW,
  TAKE,
  TAKE_BACK,
  TAKE_OVER,
  WAIT,
} from './sql/locks.ts'

type Taking = Parameters<Locks['take']>[1]

export class SqliteLocks implements Locks {
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
    await this.#database.write(TAKE, values, deadline)
  }

  takeOver(own: OwnClaim, how: Omit<Taking, 'waiter'>, from: MakesWay, deadline: Deadline): Promise<void> {
    return this.#database.transaction(TAKE_OVER, columnsOfTakeOver(own, how, from), deadline)
  }

  clear(by: Session, from: Parameters<Locks['clear']>[1], nonce: string, deadline: Deadline): Promise<void> {
    return this.#database.transaction(CLEAR, columnsOfClearing(by, from, nonce), deadline)
  }

  async make(label: string, deadline: Deadline): Promise<void> {
    await this.#database.write(MAKE_LOCK, { resource_label: label }, deadline)
  }

  async read(label: string, waiter: Waiter | undefined, deadline: Deadline): Promise<Lock | undefined> {
    const values = { resource_label: label, waiter_id: waiter?.id ?? '' }
    type Row = LockRow & { read_at: number; ahead: number }
    const [row] = await this.#database.read<Row>(READ_LOCK, values, deadline)
    return row && toLock(row, new Date(row.read_at))
  }

  async renew(own: OwnClaim, token: number, deadline: Deadline): Promise<void> {
    await this.#database.write(RENEW, { ...columnsOfOwn(own), token }, deadline)
  }

  extend(
    sessionId: string,
    only: { readonly label: string; readonly token: number } | undefined,
    deadline: Deadline,
  ): Promise<number> {
    const values = {
      session_id: sessionId,
      resource_label: only?.label ?? null,
      token: only?.token ?? null,
    }
    return this.#database.write(EXTEND_LOCKS, values, deadline)
  }

  free(
    sessionId: string,
    { label, token, nonce }: Parameters<Locks['free']>[1],
    deadline: Deadline,
  ): Promise<number> {
    const values = {
      session_id: sessionId,
      resource_label: label ?? null,
      token: token ?? null,
      nonce: nonce ?? null,
    }
    return this.#database.write(FREE, values, deadline)
  }

  async confirm(label: string, sessionId: string, nonce: string, deadline: Deadline): Promise<boolean> {
    const values = { resource_label: label, session_id: sessionId, nonce }
    return (await this.#database.write(CONFIRM, values, deadline)) > 0
  }

  async dropTentative(label: string, nonce: string, deadline: Deadline): Promise<void> {
    await this.#database.write(DROP_TENTATIVE, { resource_label: label, nonce }, deadline)
  }

  async takeBack(label: string, sessionId: string, nonce: string, deadline: Deadline): Promise<void> {
    await this.#database.write(TAKE_BACK, { resource_label: label, session_id: sessionId, nonce }, deadline)
  }

  async wait(label: string, { id, sessionId }: Waiter, deadline: Deadline): Promise<void> {
    const values = { resource_label: label, waiter_id: id, session_id: sessionId }
    await this.#database.write(WAIT, values, deadline)
  }

  async leave(label: string, { id, sessionId }: Waiter, deadline: Deadline): Promise<void> {
    const values = { resource_label: label, waiter_id: id, session_id: sessionId }
    await this.#database.write(LEAVE, values, deadline)
  }
}
