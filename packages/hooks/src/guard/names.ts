import { statSync } from 'node:fs'
import { dirname } from 'node:path'
import { type GuardConfig, makeFolder, ownText, replaceFile, sessionFile } from '@presence/core/internal'
import { programNames } from '@presence/guard'

/** How many folders of one configuration are remembered: an agent changes its folder with `cd`. */
const FOLDERS_MAX = 20

/** What a folder's configuration says, and where it was read. */
export interface Configured {
  readonly cwd: string
  readonly files: readonly string[]
  readonly config: GuardConfig
}

/**
 * Writes for `bin/prefilter.sh` which names begin a guarded command in this folder. Without the file the shell starts
 * Node for every command.
 */
export function writeNames(state: string, agentSession: string, configured: Configured): void {
  const { cwd, files, config } = configured
  if ([cwd, ...files].some(path => path.includes('\n'))) return
  const rest = [
    ...files.map(file => `config ${file}`),
    `names ${namesIn(config).join(' ')}`,
    `tools ${Object.keys(config.tools ?? {})
      .filter(name => /^\S+$/.test(name))
      .join(' ')}`,
  ]
  const path = sessionFile(state, agentSession, 'names')
  try {
    const lines = (ownText(path) ?? '').split('\n').filter(Boolean)
    const isCwd = (line: string) => line.startsWith('cwd ')
    const isSame = lines.filter(line => !isCwd(line)).join('\n') === rest.join('\n')
    const folders = isSame ? lines.filter(isCwd) : []
    if (folders.includes(`cwd ${cwd}`) && isLater(path, files)) return
    const all = [...new Set([...folders, `cwd ${cwd}`])].slice(-FOLDERS_MAX)
    makeFolder(dirname(path))
    replaceFile(path, [...all, ...rest].map(line => `${line}\n`).join(''), { mode: 0o600 })
  } catch {
    // Ignore: the shell starts Node for the next command too.
  }
}

/**
 * The names as the shell compares them: without what stands around a word. A name that isn't one word there, or that
 * has a star, is every name.
 */
function namesIn(config: GuardConfig): readonly string[] {
  const names = programNames(config).map(
    name => name.split(/[^A-Za-z0-9_.-]+/).findLast(part => part !== '') ?? '*',
  )
  const all = programNames(config).some(name => name.includes('*') || name.includes('$'))
  return [...new Set(all ? ['*', ...names] : names)]
}

/** True if none of the files was changed after this one, so that the shell takes this one as it is. */
function isLater(path: string, files: readonly string[]): boolean {
  const timeOf = (file: string) => statSync(file, { throwIfNoEntry: false })?.mtimeMs ?? 0
  const written = timeOf(path)
  return files.every(file => timeOf(file) < written)
}
