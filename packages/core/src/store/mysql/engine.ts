/**
 * How an engine differs from others that speak MySQL's protocol. Code asks here for an engine's features,
 * never for its name. Features that aren't listed are the same on all of them.
 */
export interface Engine {
  readonly name: string
  /** True if it has branches, and a connection selects one as `database/branch`. */
  readonly branches: boolean
  /** True if it has a history that other tools commit and reset, and that must not contain the board. */
  readonly history: boolean
  /**
   * True if its greeting tells whether a connection starts in autocommit. (Dolt's greeting says that it
   * doesn't, but it does.)
   */
  readonly greetsAutocommit: boolean
  /** True if `_` and `%` in the name of a database are wildcards in a grant on that database. */
  readonly grantWildcards: boolean
  /** The table type that keeps the guarantees, for servers whose default may be another type. */
  readonly tables: string | undefined
}

const DOLT: Engine = {
  name: 'Dolt',
  branches: true,
  history: true,
  greetsAutocommit: false,
  grantWildcards: false,
  tables: undefined,
}
const MARIADB: Engine = {
  name: 'MariaDB',
  branches: false,
  history: false,
  greetsAutocommit: true,
  grantWildcards: true,
  tables: 'InnoDB',
}
const OTHER: Engine = {
  name: 'MySQL',
  branches: false,
  history: false,
  greetsAutocommit: true,
  grantWildcards: true,
  tables: 'InnoDB',
}

/**
 * Detects the engine from the version in a server's greeting. Undefined for engines whose greetings look
 * alike: Dolt calls itself MySQL 8.
 */
export function engineOfGreeting(version: string): Engine | undefined {
  return /mariadb/i.test(version) ? MARIADB : undefined
}

/** The query whose answer identifies every engine. */
export const ASK_ENGINE = 'SELECT @@version_comment AS comment, @@version AS version'

export function engineOfAnswer(answer: Readonly<Record<string, unknown>> | undefined): Engine {
  if (answer?.['comment'] === 'Dolt') return DOLT
  return engineOfGreeting(String(answer?.['version'])) ?? OTHER
}
