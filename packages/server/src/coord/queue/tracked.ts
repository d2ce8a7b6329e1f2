import { execFile } from 'node:child_process'
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { promisify } from 'node:util'
import type { Environment } from '@presence/core'

/**
 * Variables that git sets for its hooks.
 * They would make git use the hook's repository instead of the folder's.
 */
const ELSEWHERE = [
  'GIT_DIR',
  'GIT_WORK_TREE',
  'GIT_COMMON_DIR',
  'GIT_INDEX_FILE',
  'GIT_PREFIX',
  'GIT_NAMESPACE',
]
/** The timeout for git, in milliseconds. */
const GIT_MS = 2_000

/**
 * Lists which of these paths git tracks in a checkout: tracked files come from the checkout's author, not
 * from this user. Also lists `folder` itself if git tracks it as a submodule or link. Ignores case, because
 * file systems may do so too. Empty if there is no checkout or no git.
 *
 * @param paths paths in `folder`, relative to the checkout
 * @throws an error if git fails or times out
 */
export async function trackedAmong(
  checkout: string,
  folder: string,
  paths: readonly string[],
  env: Environment,
): Promise<readonly string[]> {
  if (!existsSync(join(checkout, '.git'))) return []
  const own = Object.fromEntries(Object.entries(env).filter(([name]) => !ELSEWHERE.includes(name)))
  // The checkout's own configuration could name an fsmonitor program to run.
  const args = ['-C', checkout, '-c', 'core.fsmonitor=false', 'ls-files', '-z', '--', `:(icase)${folder}`]
  try {
    const { stdout } = await promisify(execFile)('git', args, {
      env: { ...own, LC_ALL: 'C' },
      timeout: GIT_MS,
      maxBuffer: 16 << 20,
    })
    const named = new Set([folder, ...paths].map(path => path.toLowerCase()))
    return stdout.split('\0').filter(path => named.has(path.toLowerCase()))
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException
    if (code === 'ENOENT') return []
    throw new Error(`git does not say whether it tracks the outbox: ${lastLine(error)}`, { cause: error })
  }
}

function lastLine(error: unknown): string {
  const { stderr, message } = error as Error & { readonly stderr?: string }
  return (stderr || message).trim().split('\n').at(-1) ?? ''
}
