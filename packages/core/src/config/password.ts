import { pathOf } from '../domain/agent-text.ts'
import { PresenceError } from '../domain/fault.ts'
import type { MysqlDsn } from './dsn.ts'
import type { Environment } from './folders.ts'
import { readBounded } from './read-bounded.ts'
import { isInside } from './real-path.ts'

/** A password is far smaller: a larger file is the wrong file. */
const BYTES_MAX = 64 << 10

/**
 * Adds the password to a DSN: the DSN's own, else its file's, else `PRESENCE_PASSWORD`, else that of the file
 * named by `PRESENCE_PASSWORD_FILE`.
 *
 * @param project the folder of the project whose config file holds the DSN. The author of that file decides
 *   where the password is sent, so a password file that it names must be inside the project: otherwise a
 *   checkout could send away one of the user's files.
 * @throws PresenceError `invalid_config` if a file can't be read, never with any of the file's content
 */
export function withPassword(dsn: MysqlDsn, env: Environment, project: string | undefined): MysqlDsn {
  const { passwordFile } = dsn
  if (dsn.password !== '') return dsn
  if (passwordFile !== undefined) {
    if (project !== undefined) refuseOutside(passwordFile, project)
    return { ...dsn, password: readPassword(passwordFile, "the DSN's password-file") }
  }
  const { PRESENCE_PASSWORD: password, PRESENCE_PASSWORD_FILE: file } = env
  if (password) return { ...dsn, password }
  return file ? { ...dsn, password: readPassword(file, 'PRESENCE_PASSWORD_FILE') } : dsn
}

/**
 * The file's first line: editors end a file with a line break, which isn't part of the password.
 *
 * @param from the setting that names the file, for the message
 * @throws PresenceError `invalid_config`, with none of the file's content
 */
export function readPassword(file: string, from: string, what: 'password' | 'token' = 'password'): string {
  let text: string
  try {
    text = readBounded(file, BYTES_MAX)
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException
    throw bad(
      `${from} ${pathOf(file)} can't be read (${code})`,
      `name a regular file that you can read, with the ${what} in its first line`,
      error,
    )
  }
  const [password = ''] = text.replace(/^\ufeff/, '').split(/\r?\n/, 1)
  if (password === '') throw bad(`${from} ${pathOf(file)} is empty`, `write the ${what} into its first line`)
  return password
}

/**
 * Refuses a secret's file outside the project whose config file names it.
 *
 * @param file the file's absolute path
 * @param parameter the DSN parameter that names it
 * @param variable the environment variable that may name it instead
 * @throws PresenceError `invalid_config` if the file is outside the project
 */
export function refuseOutside(
  file: string,
  project: string,
  parameter = 'password-file',
  variable = 'PRESENCE_PASSWORD_FILE',
): void {
  if (!isInside(project, file))
    throw bad(
      `a project's config can't name a ${parameter} outside the project: ${pathOf(file)}`,
      `name it yourself, in ${variable} or in your own config file`,
    )
}

function bad(message: string, remedy: string, cause?: unknown): PresenceError {
  return new PresenceError('invalid_config', message, remedy, { cause })
}
