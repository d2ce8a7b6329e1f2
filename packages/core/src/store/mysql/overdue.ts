import type { Connection, RowDataPacket } from 'mysql2'
import type { MysqlDsn } from '../../config/dsn.ts'
import { type Deadline, ownWork } from '../../deadline.ts'
import { ending } from '../endings.ts'
import { fill } from './literal.ts'
import { wireOptions } from './wire.ts'

/** So long before its deadline a call without an answer has a second connection opened, in milliseconds. */
const LEAD_MS = 500
/** What ending a query may take, in milliseconds. It holds up a command's exit, never its answer. */
const KILL_MS = 250
/** The same in a process that goes on, where the machine or the server is busy. */
const KILL_BUSY_MS = 5_000

/** A statement on its way: on which connection of the server's, and since when nobody answered it. */
export interface InFlight {
  readonly threadId: number
  readonly sql: string
}

/** A connection, with its socket: the driver's types don't have that. */
type Opened = Connection & { readonly stream?: { unref(): void } }

/**
 * What stands by for a call that may come too late. Shortly before the deadline it opens a second connection. That
 * tells at the deadline whether the server is there (it greeted: the call was too slow) or not (unreachable), and ends
 * the statement that the call gives up on.
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

  /** Did the server greet the second connection? */
  get isThere(): boolean {
    return this.#greeted
  }

  /** The call is over: a second connection goes at once, also one that nobody has greeted. */
  callOff(): void {
    this.#callOff()
    if (this.#kills) return
    this.#isOver = true
    this.#opened?.destroy()
  }

  /** Ends the statement on the server, in the background. Nothing is waited for where the server hangs. */
  kill(inFlight: InFlight | undefined): void {
    this.#callOff()
    if (!inFlight || this.#kills) return
    this.#kills = true
    const opening = this.#connection ?? this.#open()
    const ended = opening.then(connection => endQuery(connection, inFlight)).catch(() => {})
    // A process that has nothing else to do ends after the first of these, one that goes on tries for longer.
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
    // Where nobody waits for it any more.
    opening.catch(() => {})
    this.#connection = opening
    return opening
  }

  async #connect(): Promise<Connection> {
    const { createConnection } = await import('mysql2')
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
 * Behind a load balancer the second connection may be to another server, where the number is somebody else's: only the
 * very statement is ended.
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
