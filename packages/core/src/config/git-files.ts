import { realpathSync, statSync } from 'node:fs'
import { dirname, isAbsolute, join, resolve } from 'node:path'
import { readBounded } from './read-bounded.ts'

// A repository is read from its files: running git would take several times as long as a whole claim.

/** The most bytes read from a repository's config. */
const CONFIG_BYTES_MAX = 262_144
const LINE_BYTES_MAX = 8_192

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

/** The text of a worktree's HEAD; empty if it can't be read. */
export function headOf(own: string): string {
  return read(join(own, 'HEAD'), LINE_BYTES_MAX) ?? ''
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
