import { accessSync, constants, readdirSync, readFileSync } from 'node:fs'
import { join, sep } from 'node:path'
import type { Git } from './git.ts'

/**
 * Parts of a folder that would be deleted with it although git doesn't show them, or that can't be deleted.
 * Paths are relative to the folder and end with `/`.
 */
interface Inside {
  /** Submodules, clones and bare repositories. */
  readonly repositories: readonly string[]
  /** Folders that this user can't read, or whose content this user can't delete. */
  readonly closed: readonly string[]
}

const SLASH = Buffer.from('/')

/** @param git git in the folder */
export async function lookInside(git: Git): Promise<Inside> {
  const { repositories, bare, closed } = searched(git.folder)
  const found = new Set([...repositories, ...(await filledGitlinks(git))])
  // A bare repository whose files are tracked is content of the repository around it.
  for (const path of bare)
    if (!(await git.holds(['--literal-pathspecs', 'ls-files', '--error-unmatch', '--', `${path}HEAD`])))
      found.add(path)
  return { repositories: [...found], closed }
}

/**
 * Searches a folder without following links. Git itself reports neither a repository inside a folder with
 * tracked files nor a bare repository. Names are handled as bytes, because a name that is not valid UTF-8
 * could not be opened otherwise.
 */
function searched(folder: string): Inside & { readonly bare: readonly string[] } {
  const found = { repositories: [] as string[], bare: [] as string[], closed: [] as string[] }
  const open: Buffer[] = [Buffer.alloc(0)]
  for (let below = open.pop(); below !== undefined; below = open.pop()) {
    const entries = entriesOf(Buffer.concat([Buffer.from(folder), SLASH, below]))
    const names = new Set(entries?.map(({ name }) => name.toString()))
    const isTop = below.length === 0
    if (entries === undefined) found.closed.push(below.toString() || './')
    else if (!isTop && [...names].some(isGit)) found.repositories.push(below.toString())
    else {
      if (!isTop && ['HEAD', 'objects', 'refs'].every(name => names.has(name)))
        found.bare.push(below.toString())
      for (const entry of entries)
        if (entry.isDirectory()) open.push(Buffer.concat([below, entry.name, SLASH]))
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
    // A build may have deleted its temporary folder meanwhile.
    return (error as NodeJS.ErrnoException).code === 'ENOENT' ? [] : undefined
  }
}

/** On some systems `.GIT` is the same name. */
function isGit(name: string): boolean {
  return name.toLowerCase() === '.git'
}

/** Folders of submodules that are not empty. Git doesn't look into those that are not checked out. */
async function filledGitlinks(git: Git): Promise<readonly string[]> {
  const links = (await git.parts(['ls-files', '--stage', '-z'])).filter(line => line.startsWith('160000 '))
  const paths = links.map(line => `${line.slice(line.indexOf('\t') + 1)}/`)
  return paths.filter(path => entriesOf(Buffer.from(join(git.folder, path)))?.length !== 0)
}

/** The mount points at a folder or below it, as far as the system says (Linux, proc_pid_mountinfo(5)). */
export function mountsIn(folder: string): readonly string[] {
  let table = ''
  try {
    table = readFileSync('/proc/self/mountinfo', 'utf8')
  } catch {
    // Ignore: without Linux no mounts are known.
  }
  const points = table.split('\n').map(line => unescaped(line.split(' ')[4] ?? ''))
  return points.filter(point => point === folder || point.startsWith(folder + sep))
}

function unescaped(field: string): string {
  return field.replace(/\\([0-7]{3})/g, (_, digits: string) =>
    String.fromCharCode(Number.parseInt(digits, 8)),
  )
}
