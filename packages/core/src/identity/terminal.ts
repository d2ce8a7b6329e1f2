import { readFileSync } from 'node:fs'
import { statOf } from './agent-process.ts'

/**
 * Eight hexadecimal digits that stay the same for every command of one terminal and differ between any two: drawn
 * from the process that leads this terminal's session (its shell) and when it started, so that a recycled process id
 * is not taken for the same terminal.
 */
export function terminalId(): string {
  const leader = process.platform === 'linux' ? linuxLeader() : otherLeader()
  return fnv1a(leader).toString(16).padStart(8, '0')
}

/** Does this process hang from a terminal, so that `terminalId` is one terminal's own? */
export function hasTerminal(): boolean {
  if (process.platform === 'linux') return (statOf('self')?.[4] ?? '0') !== '0'
  return [process.stdin, process.stdout, process.stderr].some(stream => stream.isTTY)
}

/** 32 bits of hash. node:crypto would take 8 ms to load, a third of a whole command. */
function fnv1a(text: string): number {
  let hash = 0x811c9dc5
  for (const byte of Buffer.from(text)) hash = Math.imul(hash ^ byte, 0x01000193)
  // FNV's last byte barely reaches the high bits: mix once more.
  hash = Math.imul(hash ^ (hash >>> 16), 0x45d9f3b)
  return (hash ^ (hash >>> 16)) >>> 0
}

/** From /proc (proc(5)): a session without a leader, or with a foreign one, falls back to the parent process. */
function linuxLeader(): string {
  const sessionId = statOf('self')?.[3]
  const leader = sessionId !== undefined && sessionId !== '0' ? sessionId : String(process.ppid)
  const boot = read('/proc/sys/kernel/random/boot_id')?.trim() ?? ''
  return `${boot} ${leader} ${statOf(leader)?.[19] ?? ''}`
}

function read(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8')
  } catch {
    return undefined
  }
}

/** Where there is no /proc: the terminal's own id if it exports one, else the parent process and when it started. */
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
