import { realpathSync, statSync } from 'node:fs'
import { basename, dirname, isAbsolute, join, resolve } from 'node:path'
import { checkoutTop } from '../config/checkout.ts'
import { readBounded } from '../config/read-bounded.ts'
import { BRANCH_LENGTH_MAX, REPO_LENGTH_MAX, WORKTREE_LENGTH_MAX } from '../domain/limits.ts'
import type { Place } from '../domain/session.ts'
import { cutTo } from '../domain/text.ts'

/** The most bytes read from a repository's config. */
const CONFIG_BYTES_MAX = 262_144
const LINE_BYTES_MAX = 8_192

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

/**
 * A worktree's own part of the repository: the folder `.git`, or the folder that the file `.git` points to.
 */
export function ownFolder(git: string): string | undefined {
  if (statSync(git).isDirectory()) return git
  const target = /^gitdir: (.+)$/m.exec(read(git, LINE_BYTES_MAX) ?? '')?.[1]
  return target === undefined ? undefined : isAbsolute(target) ? target : join(dirname(git), target)
}

/** The part that all worktrees of a repository share. */
export function commonFolder(own: string): string {
  const common = read(join(own, 'commondir'), LINE_BYTES_MAX)?.trim()
  return common ? resolve(own, common) : own
}

/** Undefined if the head is detached. */
function branchOf(own: string): string | undefined {
  return /^ref: refs\/heads\/(.+)$/m.exec(read(join(own, 'HEAD'), LINE_BYTES_MAX) ?? '')?.[1]
}

function repoOf(common: string): string {
  const url = valueIn(join(common, 'config'), '[remote "origin"]', 'url')
  return (url && nameOfRemote(url)) || nameOfFolder(common)
}

/**
 * Reads a value from git's config line by line: one pattern over the whole file could take minutes on a file
 * that somebody made for that purpose.
 */
export function valueIn(file: string, section: string, key: string): string | undefined {
  let inside = false
  for (const line of (read(file, CONFIG_BYTES_MAX) ?? '').split('\n')) {
    const text = line.trim()
    if (text.startsWith('[')) inside = text.startsWith(section)
    else if (inside && text.startsWith(key)) {
      const [, name, value] = /^(\w+)[ \t]*=[ \t]*(.*)$/.exec(text) ?? []
      // Git quotes a value that contains a comment character.
      if (name === key) return value?.replace(/^"(.*)"$/, '$1')
    }
  }
  return undefined
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

function read(file: string, bytesMax: number): string | undefined {
  try {
    return readBounded(file, bytesMax)
  } catch {
    return undefined
  }
}

export function real(path: string): string {
  try {
    return realpathSync(path)
  } catch {
    return path
  }
}
