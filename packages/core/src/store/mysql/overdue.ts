import type { Connection, RowDataPacket } from 'mysql2'
import type { MysqlDsn } from '../../config/dsn.ts'
import { type Deadline, ownWork } from '../../deadline.ts'
import { ending } from '../endings.ts'
import { loadDriver } from './driver.ts'
import { fill } from './literal.ts'
import { wireOptions } from './wire.ts'

/** How long before its deadline a call without an answer opens a second connection, in milliseconds. */
const LEAD_MS = 500
/** How long ending a statement may take, in milliseconds. It delays a command's exit, never its answer. */
const KILL_MS = 250
/** The same in a process that keeps running, for when the machine or the server is busy. */
const KILL_BUSY_MS = 5_000

/** A running statement, and the server's id of its connection. */
export interface InFlight {
  readonly threadId: number
  readonly sql: string
}

/** A connection with its socket, which the driver's types lack. */
type Opened = Connection & { readonly stream?: { unref(): void } }

/**
 * Prepares for a call that may time out. Shortly before the deadline it opens a second connection. At
 * the deadline, that connection shows whether the server is up (it greeted, so the call was too slow) or
 * unreachable. It also ends the statement that the call gives up on.
 */
export class Overdue {
  readonly #dsn: MysqlDsn
  readonly #callOff: () => void
  #connection: Promise<Connection> | undefined
  #greeted = false
  #kills = false
  #opened: Opened | undefined
  #isOver = false

  constructor(dsn: MysqlDsn, deadline: Deadline) {
    this.#dsn = dsn
    this.#callOff = deadline.onPassed(() => this.#open(), Math.min(LEAD_MS, deadline.remainingMs() / 2))
  }

  /** True if the server greeted the second connection. */
  get isThere(): boolean {
    return this.#greeted
  }

  /** The call is over: closes the second connection at once, whether or not the server greeted it. */
  callOff(): void {
    this.#callOff()
    if (this.#kills) return
    this.#isOver = true
    this.#opened?.destroy()
  }

  /** Ends the statement on the server, in the background. If the server hangs, nothing waits for this. */
  kill(inFlight: InFlight | undefined): void {
    this.#callOff()
    if (!inFlight || this.#kills) return
    this.#kills = true
    const opening = this.#connection ?? this.#open()
    const ended = opening.then(connection => endQuery(connection, inFlight)).catch(() => {})
    // A process with nothing else to do exits after the first timer; one that keeps running tries for longer.
    const letGo = setTimeout(() => this.#opened?.stream?.unref(), KILL_MS)
    let giveUp: NodeJS.Timeout | undefined
    const late = new Promise<void>(resolve => {
      giveUp = setTimeout(resolve, KILL_BUSY_MS).unref()
    })
    ending(
      Promise.race([ended, late]).finally(() => {
        clearTimeout(letGo)
        clearTimeout(giveUp)
        this.#opened?.destroy()
      }),
    )
  }

  #open(): Promise<Connection> {
    const opening = this.#connect()
    // The call may have ended by then, so that nothing awaits this promise: an unhandled rejection would end
    // the process.
    opening.catch(() => {})
    this.#connection = opening
    return opening
  }

  async #connect(): Promise<Connection> {
    const { createConnection } = await loadDriver()
    const options = await ownWork(() =>
      wireOptions(this.#dsn, () => {
        this.#greeted = true
      }),
    )
    // The answer came while the driver was loading.
    if (this.#isOver) throw new Error('called off')
    const connection = createConnection({ ...options, connectTimeout: LEAD_MS + KILL_BUSY_MS })
    connection.on('error', () => {})
    this.#opened = connection
    return new Promise((resolve, reject) =>
      connection.connect(error => {
        if (!error) return resolve(connection)
        connection.destroy()
        return reject(error)
      }),
    )
  }
}

/**
 * Behind a load balancer, the second connection may reach another server, where this id belongs to another
 * client. So end the statement only if its text matches too.
 */
async function endQuery(connection: Connection, { threadId, sql }: InFlight): Promise<void> {
  const isOurs = fill('SELECT id FROM information_schema.processlist WHERE id = :id AND info = :sql', {
    id: threadId,
    sql,
  })
  const rows = await send(connection, isOurs)
  if (rows.length > 0) await send(connection, `KILL QUERY ${threadId}`)
}

function send(connection: Connection, sql: string): Promise<readonly RowDataPacket[]> {
  return new Promise((resolve, reject) =>
    connection.query<RowDataPacket[]>(sql, (error, rows) => (error ? reject(error) : resolve(rows))),
  )
}
