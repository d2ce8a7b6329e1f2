import { realpathSync, statSync } from 'node:fs'
import { basename, dirname, isAbsolute, join, resolve } from 'node:path'
import { checkoutTop } from '../config/checkout.ts'
import { readBounded } from '../config/read-bounded.ts'
import { BRANCH_LENGTH_MAX, REPO_LENGTH_MAX, WORKTREE_LENGTH_MAX } from '../domain/limits.ts'
import type { Place } from '../domain/session.ts'
import { cutTo } from '../domain/text.ts'

/** A repository's config of this many bytes is read, no more. */
const CONFIG_BYTES_MAX = 262_144
const LINE_BYTES_MAX = 8_192

/**
 * Where a session works, read off the files of the repository around `cwd`: git itself would take several times as long as
 * a whole claim. What can't be read is unknown; nothing is thrown.
 */
export function placeOf(cwd: string): Place {
  try {
    return found(cwd)
  } catch {
    // A folder that may not be looked into.
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

/** A worktree's own part of the repository: the folder `.git`, or the one that the file of that name points to. */
function ownFolder(git: string): string | undefined {
  if (statSync(git).isDirectory()) return git
  const target = /^gitdir: (.+)$/m.exec(read(git, LINE_BYTES_MAX) ?? '')?.[1]
  return target === undefined ? undefined : isAbsolute(target) ? target : join(dirname(git), target)
}

/** The part that all worktrees of a repository share. */
function commonFolder(own: string): string {
  const common = read(join(own, 'commondir'), LINE_BYTES_MAX)?.trim()
  return common ? resolve(own, common) : own
}

/** Undefined where the head is detached. */
function branchOf(own: string): string | undefined {
  return /^ref: refs\/heads\/(.+)$/m.exec(read(join(own, 'HEAD'), LINE_BYTES_MAX) ?? '')?.[1]
}

function repoOf(common: string): string {
  const config = read(join(common, 'config'), CONFIG_BYTES_MAX) ?? ''
  const section = /^\s*\[remote "origin"\]\s*$([\s\S]*?)(?=^\s*\[|$(?![\s\S]))/m.exec(config)?.[1]
  const url = section && /^\s*url\s*=\s*(.+?)\s*$/m.exec(section)?.[1]
  return (url && nameOfRemote(url)) || nameOfFolder(common)
}

/**
 * `github.com/acme/infra`, however the remote is written: what stands before the host may be a password, and is left out.
 * A path's last part.
 */
export function nameOfRemote(url: string): string {
  const plain = url
    .replace(/[?#].*$/, '')
    .replace(/\/+$/, '')
    .replace(/\.git$/, '')
  const withScheme = /^[a-z][a-z0-9+.-]*:\/\/([^/]*)\/(.+)$/i.exec(plain)
  const scp = /^(?:[^/@]*@)?([^/:@]+):(?!\/\/)(.+)$/.exec(plain)
  const [, authority = '', path = ''] = withScheme ?? scp ?? []
  const host = authority
    .slice(authority.lastIndexOf('@') + 1)
    .replace(/:\d+$/, '')
    .toLowerCase()
  return host === '' ? basename(plain) : `${host}/${path.replace(/^\/+/, '')}`
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

function real(path: string): string {
  try {
    return realpathSync(path)
  } catch {
    return path
  }
}
