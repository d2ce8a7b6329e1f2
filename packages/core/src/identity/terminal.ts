import { readFileSync } from 'node:fs'
import { statOf } from './processes.ts'

/**
 * Eight hexadecimal digits that are the same for every command in one terminal and differ between terminals.
 * They are derived from the process that leads this terminal's session (its shell) and its start time, so
 * that a reused process id doesn't count as the same terminal.
 */
export function terminalId(): string {
  const leader = process.platform === 'linux' ? linuxLeader() : otherLeader()
  return fnv1a(leader).toString(16).padStart(8, '0')
}

/** True if this process has a terminal, so that `terminalId` identifies that terminal. */
export function hasTerminal(): boolean {
  if (process.platform === 'linux') return (statOf('self')?.[4] ?? '0') !== '0'
  return [process.stdin, process.stdout, process.stderr].some(stream => stream.isTTY)
}

/** A 32-bit hash. Loading node:crypto would take 8 ms, a third of a whole command. */
function fnv1a(text: string): number {
  let hash = 0x811c9dc5
  for (const byte of Buffer.from(text)) hash = Math.imul(hash ^ byte, 0x01000193)
  // FNV barely mixes the last byte into the high bits, so mix once more.
  hash = Math.imul(hash ^ (hash >>> 16), 0x45d9f3b)
  return (hash ^ (hash >>> 16)) >>> 0
}

/** Reads /proc (proc(5)). Without a session leader, the parent process is used. */
function linuxLeader(): string {
  const sessionId = statOf('self')?.[3]
  const leader = sessionId !== undefined && sessionId !== '0' ? sessionId : String(process.ppid)
  return `${bootId()} ${leader} ${statOf(leader)?.[19] ?? ''}`
}

/** Different after each start of the machine, which gives process ids and start times anew. */
export function bootId(): string {
  return read('/proc/sys/kernel/random/boot_id')?.trim() ?? ''
}

function read(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8')
  } catch {
    return undefined
  }
}

/** Without /proc: the terminal's own id if it exports one, else the parent process and its start time. */
function otherLeader(): string {
  const exported = process.env['TERM_SESSION_ID'] ?? process.env['ITERM_SESSION_ID']
  if (exported) return exported
  try {
    const { execFileSync } = process.getBuiltinModule('node:child_process')
    return (
      execFileSync('ps', ['-o', 'lstart=', '-p', String(process.ppid)], { encoding: 'utf8' }) + process.ppid
    )
  } catch {
    return String(process.ppid)
  }
}
