import { execFile } from 'node:child_process'
import { existsSync } from 'node:fs'
import { dirname, resolve } from 'node:path'
import { checkoutTop, readersOf, realPath } from '@presence/core/internal'
import type { Context } from './context.ts'
import { type Finding, note, ok } from './finding.ts'

/** Git's answer has to come while the other checks still run. */
const GIT_MS_MAX = 1_000
/** A hook of git runs its commands with these, and they may name another repository. */
const ELSEWHERE = ['GIT_DIR', 'GIT_WORK_TREE', 'GIT_COMMON_DIR', 'GIT_INDEX_FILE']

/** Reports a file with a password or token that others can read, or that the next commit could publish. */
export async function checkSecretFiles(context: Context): Promise<readonly Finding[]> {
  const files = namedIn(context).filter(file => existsSync(file))
  const found = (await Promise.all(files.map(file => judge(file, context)))).flat()
  return found.length > 0 || files.length === 0
    ? found
    : [ok('secrets', `only you can read ${files.join(', ')}, and git doesn't see it`)]
}

/** The files that the environment and the board's DSN name. A file that can't be read is the board's finding. */
function namedIn({ env, place }: Context): readonly string[] {
  const dsn = 'value' in place ? place.value.dsn : undefined
  const named = [
    env['PRESENCE_PASSWORD_FILE'],
    env['PRESENCE_SERVER_TOKEN_FILE'],
    dsn?.scheme === 'mysql' ? dsn.passwordFile : undefined,
    dsn?.scheme === 'http' ? dsn.tokenFile : undefined,
  ]
  return [...new Set(named.flatMap(file => (file ? [resolve(file)] : [])))]
}

async function judge(file: string, context: Context): Promise<readonly Finding[]> {
  const readers = readersOf(file)
  const top = checkoutTop(dirname(realPath(file)))
  return [
    ...(readers ? [note('secrets', readers.reason, readers.remedy)] : []),
    ...(top !== undefined && (await isSeenByGit(realPath(file), top, context))
      ? [
          note(
            'secrets',
            `${file} holds a secret, is inside the repository ${top}, and git doesn't ignore it`,
            'move it out of the repository, for example into ~/.config/presence; if it was committed, change it',
          ),
        ]
      : []),
  ]
}

/** False also if git can't say: it isn't installed, or it doesn't trust the repository's owner. */
function isSeenByGit(file: string, top: string, { env }: Context): Promise<boolean> {
  const own = Object.entries(env).filter(([name]) => !ELSEWHERE.includes(name))
  // A repository's own file system monitor is a program that the repository names.
  const args = ['-C', top, '-c', 'core.fsmonitor=false', 'check-ignore', '--quiet', '--', file]
  return new Promise(answer => {
    execFile('git', args, { env: Object.fromEntries(own), timeout: GIT_MS_MAX }, error =>
      answer(error?.code === 1),
    )
  })
}
