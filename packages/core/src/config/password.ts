import { realpathSync } from 'node:fs'
import { isAbsolute, relative } from 'node:path'
import { PresenceError } from '../domain/fault.ts'
import type { MysqlDsn } from './dsn.ts'
import type { Environment } from './folders.ts'
import { readBounded } from './read-bounded.ts'

/** A thousand passwords: whatever is larger is another file. */
const BYTES_MAX = 64 << 10

/**
 * The DSN with the password to use: its own, else its file's, else `PRESENCE_PASSWORD`, else that of the file that
 * `PRESENCE_PASSWORD_FILE` names.
 *
 * @param project the folder of the project whose config file the DSN is from. Whoever wrote that file says where the
 *   password goes, so a file that it names must be the project's own: no checkout may send off a file of the user's.
 * @throws PresenceError `invalid_config` for a file that can't be read, and never with anything of what is in it
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
 * The file's first line: a last line break is an editor's, and no password.
 *
 * @param from what names the file, for the message
 * @throws PresenceError `invalid_config`, with nothing of what is in the file
 */
export function readPassword(file: string, from: string, what: 'password' | 'token' = 'password'): string {
  let text: string
  try {
    text = readBounded(file, BYTES_MAX)
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException
    throw bad(
      `${from} ${file} can not be read (${code})`,
      `name a regular file that you can read, with the ${what} in its first line`,
      error,
    )
  }
  const [password = ''] = text.replace(/^\ufeff/, '').split(/\r?\n/, 1)
  if (password === '') throw bad(`${from} ${file} is empty`, `write the ${what} into its first line`)
  return password
}

/**
 * @param file the password file, absolute
 * @param parameter the DSN's that names it, and `variable` what names it otherwise
 * @throws PresenceError `invalid_config` when a project's config file may not name it
 */
export function refuseOutside(
  file: string,
  project: string,
  parameter = 'password-file',
  variable = 'PRESENCE_PASSWORD_FILE',
): void {
  let inside = relative(project, file)
  try {
    inside = relative(realpathSync(project), realpathSync(file))
  } catch {
    // Not there: reading it says so.
  }
  if (inside.startsWith('..') || isAbsolute(inside))
    throw bad(
      `a project's config can name no ${parameter} outside the project: ${file}`,
      `name it yourself, by ${variable} or in your own file: presence init --user --dsn …`,
    )
}

function bad(message: string, remedy: string, cause?: unknown): PresenceError {
  return new PresenceError('invalid_config', message, remedy, { cause })
}
