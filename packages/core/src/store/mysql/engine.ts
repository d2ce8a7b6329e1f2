/**
 * How one engine differs from others that speak MySQL's protocol. The code asks here what an engine has, never for its
 * name; what is not listed is the same on all of them.
 */
export interface Engine {
  readonly name: string
  /** Has it branches, of which a connection picks one as `database/branch`? */
  readonly branches: boolean
  /** Has it a history that other tools commit and reset, and which the board must be kept out of? */
  readonly history: boolean
  /** Does its greeting say whether a connection begins in autocommit? (Dolt's says that it doesn't, and it does.) */
  readonly greetsAutocommit: boolean
  /** In a grant on a whole database, are `_` and `%` of its name wildcards? */
  readonly grantWildcards: boolean
  /** The kind of table that holds what is promised, where a server may have been told to make others. */
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

/** By the version that a server greets with. Undefined for those that greet alike: Dolt calls itself a MySQL 8. */
export function engineOfGreeting(version: string): Engine | undefined {
  return /mariadb/i.test(version) ? MARIADB : undefined
}

/** The question whose answer tells every engine. */
export const ASK_ENGINE = 'SELECT @@version_comment AS comment, @@version AS version'

export function engineOfAnswer(answer: Readonly<Record<string, unknown>> | undefined): Engine {
  if (answer?.['comment'] === 'Dolt') return DOLT
  return engineOfGreeting(String(answer?.['version'])) ?? OTHER
}
