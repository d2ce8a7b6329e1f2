import { accessSync, constants, readdirSync, readFileSync } from 'node:fs'
import { sep } from 'node:path'

/**
 * Parts of a folder that would be deleted with it although git doesn't show them, or that can't be deleted.
 * Paths are relative to the folder and end with `/`.
 */
export interface Inside {
  /** Folders that contain a `.git`: a folder, a file or a link. */
  readonly repositories: readonly string[]
  /** Folders that look like a bare repository (git-init(1), `--bare`). */
  readonly bare: readonly string[]
  /** Folders that this user can't read, or whose content this user can't delete. */
  readonly closed: readonly string[]
}

const SLASH = Buffer.from('/')

/**
 * Searches a folder without following links. Git itself reports neither a repository inside a folder with
 * tracked files nor a bare repository. Names are handled as bytes, because a name that is not valid UTF-8
 * could not be opened otherwise.
 *
 * @param known folders that are checked elsewhere: submodules
 */
export function lookInside(folder: string, known: ReadonlySet<string>): Inside {
  const found = { repositories: [] as string[], bare: [] as string[], closed: [] as string[] }
  const open: Buffer[] = [Buffer.alloc(0)]
  for (let below = open.pop(); below !== undefined; below = open.pop()) {
    const path = Buffer.concat([Buffer.from(folder), SLASH, below])
    const shown = below.toString()
    const entries = entriesOf(path)
    if (entries === undefined) {
      found.closed.push(shown || './')
      continue
    }
    const isTop = below.length === 0
    const names = new Map(entries.map(entry => [entry.name.toString(), entry]))
    if (!isTop && [...names.keys()].some(isGit)) {
      found.repositories.push(shown)
      continue
    }
    if (!isTop && isBare(names)) found.bare.push(shown)
    for (const entry of entries)
      if (entry.isDirectory()) {
        const next = Buffer.concat([below, entry.name, SLASH])
        if (!known.has(next.toString().slice(0, -1))) open.push(next)
      }
  }
  return found
}

/** Undefined if the entries can't be listed or deleted. */
function entriesOf(path: Buffer) {
  try {
    const entries = readdirSync(path, { withFileTypes: true, encoding: 'buffer' })
    if (entries.length > 0) accessSync(path, constants.W_OK | constants.X_OK)
    return entries
  } catch (error) {
    // Another process deleted it.
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return []
    return undefined
  }
}

/** On some systems `.GIT` is the same name. */
function isGit(name: string): boolean {
  return name.toLowerCase() === '.git'
}

function isBare(names: ReadonlyMap<string, { isDirectory(): boolean }>): boolean {
  return names.has('HEAD') && ['objects', 'refs'].every(name => names.get(name)?.isDirectory() === true)
}

/** What is mounted on a folder or below it, as far as the system says (Linux, proc_pid_mountinfo(5)). */
export function mountsIn(folder: string): readonly string[] {
  let table = ''
  try {
    table = readFileSync('/proc/self/mountinfo', 'utf8')
  } catch {
    // Not Linux.
  }
  const points = table.split('\n').map(line => unescaped(line.split(' ')[4] ?? ''))
  return points.filter(point => point === folder || point.startsWith(folder + sep))
}

function unescaped(field: string): string {
  return field.replace(/\\([0-7]{3})/g, (_, digits: string) =>
    String.fromCharCode(Number.parseInt(digits, 8)),
  )
}
