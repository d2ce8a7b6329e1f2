import { execFile } from 'node:child_process'
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { promisify } from 'node:util'
import type { Environment } from '@presence/core'

/**
 * Variables that git sets for its hooks.
 * They would make git use the hook's repository instead of the folder's.
 */
const ELSEWHERE = /^GIT_(DIR|WORK_TREE|COMMON_DIR|INDEX_FILE|PREFIX|NAMESPACE)$/
/** The timeout for git, in milliseconds. */
const GIT_MS = 2_000

/**
 * Finds a file of these names that git tracks in a folder of the checkout: tracked files come from the
 * checkout's author, not from this user. Returns `folder` itself if git tracks it as a submodule or link.
 * Undefined if there is no such file, no checkout or no git.
 *
 * @param names compared with names in `folder`; ignores case, because file systems may do so too
 * @throws an error if git fails or times out
 */
export async function trackedIn(
  checkout: string,
  folder: string,
  names: RegExp,
  env: Environment,
): Promise<string | undefined> {
  if (!existsSync(join(checkout, '.git'))) return undefined
  // The checkout's own configuration could name an fsmonitor program to run.
  const args = ['-C', checkout, '-c', 'core.fsmonitor=false', 'ls-files', '-z', '--', `:(icase)${folder}`]
  const own = Object.fromEntries(Object.entries(env).filter(([name]) => !ELSEWHERE.test(name)))
  const options = { env: { ...own, LC_ALL: 'C' }, timeout: GIT_MS, maxBuffer: 16 << 20 }
  try {
    const { stdout } = await promisify(execFile)('git', args, options)
    return stdout
      .split('\0')
      .filter(path => path !== '')
      .find(path => path.length === folder.length || names.test(path.slice(folder.length + 1)))
  } catch (error) {
    const { code, stderr, message } = error as NodeJS.ErrnoException & { readonly stderr?: string }
    if (code === 'ENOENT') return undefined
    const last = (stderr || message).trim().split('\n').at(-1) ?? ''
    throw new Error(`git does not say whether it tracks the outbox: ${last}`, { cause: error })
  }
}
