import { type Connection, createConnection } from 'mariadb'

/** The 8-column table as an earlier tool created it, before there was a migration. */
export const OLD_TABLE = `CREATE TABLE IF NOT EXISTS presence_claims (
  session_id VARCHAR(128) NOT NULL,
  resource_label VARCHAR(255) NOT NULL,
  purpose TEXT NOT NULL,
  claimed_at DATETIME(3) NOT NULL DEFAULT CURRENT_TIMESTAMP(3),
  expires_at DATETIME(3) NOT NULL,
  host VARCHAR(128) NOT NULL,
  user VARCHAR(64) NOT NULL,
  agent_name VARCHAR(64) DEFAULT 'claude-code',
  PRIMARY KEY (session_id, resource_label),
  INDEX idx_resource (resource_label),
  INDEX idx_expires (expires_at)
)`

/**
 * A client of the 8-column table: it uses REPLACE INTO, the server's NOW(3), and a different driver than the
 * board's.
 */
export class OldClient implements AsyncDisposable {
  readonly #connection: Connection
  readonly #session: string

  private constructor(connection: Connection, session: string) {
    this.#connection = connection
    this.#session = session
  }

  static async on(dsn: string, session: string): Promise<OldClient> {
    const { hostname, port, username, pathname } = new URL(dsn)
    const database = pathname.slice(1)
    const connection = await createConnection({
      host: hostname,
      port: Number(port),
      user: username,
      database,
    })
    return new OldClient(connection, session)
  }

  /** Claims a label, and returns the ids of its other holders. */
  async claim(label: string, purpose: string, ttlSeconds = 900): Promise<readonly string[]> {
    await this.#connection.query(
      `REPLACE INTO presence_claims
         (session_id, resource_label, purpose, claimed_at, expires_at, host, user, agent_name)
       VALUES (?, ?, ?, NOW(3), NOW(3) + INTERVAL ? SECOND, ?, ?, ?)`,
      [this.#session, label, purpose, ttlSeconds, 'oldhost', 'olduser', 'claude-code'],
    )
    return (await this.peek(label)).filter(id => id !== this.#session)
  }

  async peek(label: string): Promise<readonly string[]> {
    const rows = await this.#connection.query<{ session_id: string }[]>(
      `SELECT session_id FROM presence_claims WHERE resource_label = ? AND expires_at > NOW(3) ORDER BY claimed_at`,
      [label],
    )
    return rows.map(row => row.session_id)
  }

  async heartbeat(): Promise<void> {
    await this.#connection.query(
      `UPDATE presence_claims SET expires_at = NOW(3) + INTERVAL 900 SECOND
       WHERE session_id = ? AND expires_at > NOW(3)`,
      [this.#session],
    )
  }

  async releaseAll(): Promise<void> {
    await this.#connection.query('DELETE FROM presence_claims WHERE session_id = ?', [this.#session])
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#connection.destroy()
  }
}
