import { readFileSync } from 'node:fs'
import { basename } from 'node:path'
import type { Environment } from '../config/folders.ts'

/**
 * How many parent processes to search for an agent. Its shell, the programs that the shell runs, and some
 * launchers may be in between.
 */
const ANCESTORS_MAX = 16

/**
 * A process, as `<pid>-<start time>`. The start time belongs to it because the system reuses process ids.
 */
export type ProcessKey = string

/**
 * The process that started this one, its parent, and so on. Empty without /proc. Without the shells that run a
 * hook: they name the process that started them, and end with the hook.
 */
export function ancestors(): readonly ProcessKey[] {
  const keys = everyAncestor()
  const starter = process.env['PRESENCE_HOOK_PPID']
  const at = starter ? keys.findIndex(key => key.startsWith(`${starter}-`)) : 0
  return keys.slice(Math.max(at, 0))
}

function everyAncestor(): readonly ProcessKey[] {
  const keys: ProcessKey[] = []
  let pid = String(process.ppid)
  while (keys.length < ANCESTORS_MAX && Number(pid) > 1) {
    const stat = statOf(pid)
    if (!stat) break
    keys.push(`${pid}-${stat[19]}`)
    pid = stat[1] ?? ''
  }
  return keys
}

/** False for a process that has ended, even if its parent hasn't noticed yet. */
export function isRunning(key: ProcessKey): boolean {
  const [pid = '', started] = key.split('-')
  const stat = statOf(pid)
  return stat !== undefined && stat[19] === started && !/^[ZX]/.test(stat[0] ?? '')
}

const SHELLS = new Set(['sh', 'bash', 'dash', 'ash', 'zsh', 'ksh', 'mksh', 'fish', 'busybox'])

/**
 * True for a program that an agent may put between itself and what it runs, and that is never an agent: a shell
 * with a command or a script, `timeout`, or `npx`. A person's interactive shell is none.
 */
export function isWrapper(key: ProcessKey): boolean {
  const pid = key.split('-')[0]
  const [program = '', ...args] = (read(`/proc/${pid}/cmdline`) ?? '').split('\0')
  const name = basename(program).replace(/^-/, '')
  if (SHELLS.has(name))
    return args.some(arg => /^-[a-z]*c$/.test(arg) || (arg !== '' && !arg.startsWith('-')))
  return name === 'timeout' || /^(npm|npx)( |$)/.test(name)
}

/**
 * The process that set a variable for its children: the nearest ancestor that was itself started without this
 * value. Undefined if that is unknown.
 */
export function setterOf(variable: string, value: string): ProcessKey | undefined {
  return ancestors().find(key => {
    const environment = environmentOf(key)
    return Object.keys(environment).length > 0 && environment[variable] !== value
  })
}

/** The variables with which a process was started; none if they can't be read. */
export function environmentOf(key: ProcessKey): Environment {
  const entries = (read(`/proc/${key.split('-')[0]}/environ`) ?? '').split('\0')
  const pairs = entries.filter(entry => entry.includes('='))
  return Object.fromEntries(pairs.map(entry => [entry.split('=', 1)[0], entry.slice(entry.indexOf('=') + 1)]))
}

/**
 * The fields of /proc/<pid>/stat from the third on (proc(5)). The second is a name that may hold spaces and
 * brackets.
 */
export function statOf(pid: string | number): readonly string[] | undefined {
  const stat = /^(\d{1,10}|self)$/.test(String(pid)) ? read(`/proc/${pid}/stat`) : undefined
  return stat?.slice(stat.lastIndexOf(')') + 2).split(' ')
}

function read(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8')
  } catch {
    return undefined
  }
}
