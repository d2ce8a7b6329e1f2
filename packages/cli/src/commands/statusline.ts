import { objectIn, ownText, safeState, sessionFile } from '@presence/core/internal'
import { isTerminal, readJsonInput } from '@presence/process'
import type { AddCommand } from '../command.ts'
import { EXIT, type ExitStatus } from '../exit-status.ts'
import type { Globals } from '../globals.ts'
import type { Io } from '../io.ts'
import { ago } from '../ui/time.ts'

/**
 * If the hooks' last note is older than this, in milliseconds, the line shows its age. It is this long
 * because a turn may take long.
 */
const FRESH_MS = 120_000

/** How long the agent's JSON may take to arrive, in milliseconds. */
const INPUT_MS = 1_000

interface Options extends Globals {
  readonly agentSession?: string
}

export const statuslineCommand: AddCommand = (program, io, done) =>
  program
    .command('statusline')
    .summary("one short line for an agent's status line")
    .description(
      "Print the number of claims of an agent's session and of all others, as its last hook saw them, or unknown if the board did not answer that hook. Reads the agent's JSON from standard input, and doesn't ask the board.",
    )
    .option('--agent-session <id>', "the agent's session, instead of the session in standard input")
    .addHelpText('after', '\nExample: presence statusline --agent-session 8c0f6f3e')
    .action((_, command) => done(statusline(command.optsWithGlobals(), io)))

async function statusline({ agentSession, json = false }: Options, io: Io): Promise<ExitStatus> {
  const id = agentSession ?? sessionIn(await readInput())
  const line = id === undefined ? undefined : noted(sessionFile(safeState(io.env), id, 'line'))
  if (json) io.out(JSON.stringify(line ?? null))
  else if (line) io.out(shown(line, Date.now()))
  return EXIT.done
}

interface Line {
  readonly at: number
  readonly mine?: number
  readonly others?: number
}

function shown({ at, mine, others }: Line, now: number): string {
  const age = now - at > FRESH_MS ? `, ${ago(new Date(at), new Date(now))}` : ''
  if (mine === undefined || others === undefined) return `presence: unknown${age}`
  return `presence: ${mine} mine, ${others} other${others === 1 ? '' : 's'}${age}`
}

function noted(file: string): Line | undefined {
  try {
    const line = objectIn(ownText(file) ?? '')
    return isLine(line) ? line : undefined
  } catch {
    return undefined
  }
}

function isLine(value: unknown): value is Line {
  const { at, mine = 0, others = 0 } = (value ?? {}) as Record<string, unknown>
  return [at, mine, others].every(number => typeof number === 'number')
}

function sessionIn(input: string): string | undefined {
  const { session_id: id } = objectIn(input) ?? {}
  return typeof id === 'string' && id !== '' ? id : undefined
}

/** A terminal sends no input here. An agent sends it at once, but may keep the pipe open. */
async function readInput(): Promise<string> {
  return isTerminal(0) ? '' : readJsonInput({ idleMs: INPUT_MS, totalMs: INPUT_MS })
}
