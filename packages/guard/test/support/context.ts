import { posix } from 'node:path'
import type { GuardConfig, GuardContext } from '../../src/index.ts'

export interface ContextOptions {
  readonly cwd?: string
  readonly host?: string
  readonly env?: Readonly<Record<string, string>>
  readonly files?: Readonly<Record<string, string>>
  /** The paths of programs. */
  readonly executables?: readonly string[]
  readonly config?: GuardConfig
  readonly now?: () => number
}

/** A context whose files are values. It has a clock that stands still, and counts what is read. */
export function contextOf(options: ContextOptions = {}): GuardContext & { readonly read: readonly string[] } {
  const files = options.files ?? {}
  const read: string[] = []
  return {
    cwd: options.cwd ?? '/srv/shop',
    env: { HOME: '/home/ana', ...options.env },
    host: options.host ?? 'ci-1',
    home: options.env?.['HOME'] ?? '/home/ana',
    now: options.now ?? (() => 0),
    config: options.config,
    read,
    readText: path => {
      read.push(path)
      return files[posix.normalize(path)]
    },
    isExecutable: path => options.executables?.includes(posix.normalize(path)) ?? false,
    listFolder: path => {
      const folder = `${posix.normalize(path).replace(/\/$/, '')}/`
      const inside = Object.keys(files).filter(name => name.startsWith(folder))
      const names = new Set(inside.map(name => name.slice(folder.length).split('/')[0] as string))
      return names.size ? [...names].toSorted() : undefined
    },
  }
}
