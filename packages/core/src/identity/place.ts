import { basename, dirname, join } from 'node:path'
import { checkoutTop } from '../config/checkout.ts'
import { commonFolder, headOf, ownFolder, real, valueIn } from '../config/git-files.ts'
import { BRANCH_LENGTH_MAX, REPO_LENGTH_MAX, WORKTREE_LENGTH_MAX } from '../domain/limits.ts'
import type { Place } from '../domain/session.ts'
import { cutTo } from '../domain/text.ts'

/**
 * Finds where a session works, from the files of the repository around `cwd`: running git would take several
 * times as long as a whole claim. Leaves out what can't be read, and never throws.
 */
export function placeOf(cwd: string): Place {
  try {
    return found(cwd)
  } catch {
    // A folder on the way is not accessible.
    return {}
  }
}

function found(cwd: string): Place {
  const top = checkoutTop(cwd)
  if (top === undefined) return { worktree: cutTo(real(cwd), WORKTREE_LENGTH_MAX) }
  const own = ownFolder(join(top, '.git'))
  const common = own && commonFolder(own)
  const branch = own && branchOf(own)
  const repo = common && repoOf(common)
  return {
    worktree: cutTo(real(top), WORKTREE_LENGTH_MAX),
    ...(branch === undefined ? {} : { branch: cutTo(branch, BRANCH_LENGTH_MAX) }),
    ...(repo === undefined ? {} : { repo: cutTo(repo, REPO_LENGTH_MAX) }),
  }
}

/** Undefined if the head is detached. */
function branchOf(own: string): string | undefined {
  return /^ref: refs\/heads\/(.+)$/m.exec(headOf(own))?.[1]
}

function repoOf(common: string): string {
  const url = valueIn(join(common, 'config'), '[remote "origin"]', 'url')
  return (url && nameOfRemote(url)) || nameOfFolder(common)
}

/** Host and path, with only the characters that such names have: anything else in a URL may be a password. */
const HOST_AND_PATH = /^([A-Za-z0-9.-]+)(?::\d+)?[:/]\/*([\w.~/+-]+)$/

/**
 * The name of a remote: `github.com/acme/infra` for every form in which the remote can be written; for a file
 * path its last part. Undefined for anything else. Leaves out everything before an `@` and everything that
 * isn't clearly a name, because the whole board can see it.
 */
export function nameOfRemote(url: string): string | undefined {
  const isPath = /^(file:\/\/)?[./]/.test(url)
  const plain = url.replace(/^[A-Za-z][A-Za-z0-9+.-]*:\/\//, '').replace(/\/+$/, '')
  const name = (isPath ? basename(plain) : plain.slice(plain.lastIndexOf('@') + 1))
    .replace(/[?#].*$/, '')
    .replace(/\/+$/, '')
    .replace(/\.git$/, '')
  if (isPath) return /^[\w.~+-]+$/.test(name) ? name : undefined
  const [, host, path] = HOST_AND_PATH.exec(name) ?? []
  return host === undefined || path === undefined ? undefined : `${host.toLowerCase()}/${path}`
}

function nameOfFolder(common: string): string {
  return basename(common) === '.git'
    ? basename(dirname(real(common)))
    : basename(common).replace(/\.git$/, '')
}
